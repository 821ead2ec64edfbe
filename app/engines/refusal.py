"""An engine's error answer -> ours. Pure: status and body in, exception out."""

import msgspec

from app.errors import EngineBusy, EngineRefused, EngineUnavailable, OrsonError, Overloaded

MAX_QUOTED = 500
"""Characters of an engine's message that we pass on; some quote the whole prompt."""


def refusal(status: int, body: bytes, address: str) -> OrsonError:
    """The exception for an answer that is not 200.

    A 4xx says that our request is wrong (EngineRefused), a 429 that the engine is full
    (Overloaded), as a 503 does, or that it is being loaded (EngineBusy); anything else says that
    the engine is ill (EngineUnavailable).
    """
    said = message(body)
    told = f"{status}: {said}" if said else str(status)
    if status == 429:
        return Overloaded(f"The engine at {address} is full ({told}).")
    if status == 503:
        return EngineBusy(f"The engine at {address} takes no answer now ({told}).")
    if 400 <= status < 500:
        return EngineRefused(f"The engine at {address} refused the request ({told}).")
    return EngineUnavailable(f"The engine at {address} failed ({told}).")


def message(body: bytes) -> str:
    """What the engine says went wrong, in any of the shapes engines use; "" if it says nothing."""
    try:
        said = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        said = body.decode("utf-8", "replace").strip()
    match said:
        case {"error": {"message": str(text)}} | {"message": str(text)} | {"error": str(text)}:
            pass
        case {"detail": detail}:
            text = detail if isinstance(detail, str) else str(detail)
        case str(text):
            pass
        case _:
            text = ""
    return text if len(text) <= MAX_QUOTED else text[:MAX_QUOTED] + "…"
