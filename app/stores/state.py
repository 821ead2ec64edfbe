"""The state that outlives requests, in one Redis."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from app.chat.state import State
from app.stores.conversations import RedisConversationStore
from app.stores.event_log import RedisEventLog
from app.stores.leases import RedisLeases
from app.stores.responses import RedisResponseStore

DAY = 86_400


@asynccontextmanager
async def redis_state(
    url: str, *, days: int, events_minutes: int, lease_seconds: float
) -> AsyncIterator[State]:
    """Responses, conversations, event logs and leases; their connections are given back after.

    Args:
        url: of Redis.
        days: how long what was last written so long ago is kept.
        events_minutes: how long the events of a background answer are kept after its end.
        lease_seconds: how long a gateway may be silent before its answers are another's to end.
    """
    responses = RedisResponseStore(url, seconds=days * DAY, events_seconds=events_minutes * 60)
    conversations = RedisConversationStore(url, seconds=days * DAY)
    events, leases = RedisEventLog(url, seconds=days * DAY), RedisLeases(url, seconds=lease_seconds)
    async with AsyncExitStack() as stack:
        for each in (responses, conversations, events, leases):
            stack.push_async_callback(each.aclose)
        yield State(responses, conversations, events, leases)
