"""Searching with several providers inside one deadline: what the gateway calls a search.

chain.py           a query -> one outcome, in order or fused; never raises
provider.py        one adapter under guard: cache, single flight, breaker, places, hedge
early.py           the same calls, begun while the query is still being written
single_flight.py   equal calls share one; it ends when the last who wants it has left
result_cache.py    what is kept, under which key and for how long
hedging.py         a second call where the first takes longer than nine in ten
latencies.py       how long a provider's latest calls took
breaker.py         when a provider is left alone
fusion.py          several rankings -> one (canonical_url.py, near_duplicates.py)
bounded.py         work that ends in time, even when it won't stop
"""

from search_adapters.chain.chain import PREPARE_TIMEOUT, Chain
from search_adapters.chain.early import Guess
from search_adapters.chain.options import Options
from search_adapters.chain.outcome import Outcome
from search_adapters.chain.result_cache import CacheStore, Lifetimes

__all__ = ["PREPARE_TIMEOUT", "CacheStore", "Chain", "Guess", "Lifetimes", "Options", "Outcome"]
