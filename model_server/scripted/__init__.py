"""A model that follows a script, behind vLLM's HTTP wire: for tests, benchmarks and demos.

`script.py` says what is to be said, `tokenizer.py` turns it into ids, `generation.py` stops it
the way vLLM stops, `wire.py` writes vLLM's JSON, `server.py` speaks HTTP.
"""

from model_server.scripted.script import Answer, Script
from model_server.scripted.server import ScriptedServer
from model_server.scripted.tokenizer import Tokenizer

__all__ = ["Answer", "Script", "ScriptedServer", "Tokenizer"]
