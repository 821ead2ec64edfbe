"""A recorded answer -> a conversation to train on, in the form that `orson data compose` writes.

The ids are those that were served, and the mask is the transcript's: 1 exactly where the model
spoke, its end of turn included.
"""

import hashlib
from collections.abc import Awaitable, Callable, Sequence

from app.chat.traces.trace import Trace
from app.chat.transcript import Transcript
from training.questions.splitting import Shares
from training.records import Conversation, Piece, Turn

KIND = "recorded"


class NotWhole(Exception):
    """The answer broke off: it would teach to end in the middle; the message says how it ended."""


async def row(
    id_: str, trace: Trace, decode: Callable[[Sequence[int]], Awaitable[str]]
) -> Conversation:
    """The answer as a conversation.

    Args:
        id_: of the answer.
        trace: of the answer.
        decode: the text of ids, markers included.

    Raises:
        NotWhole: the model did not end its turn by itself.
    """
    last = trace.runs[-1].stop if trace.runs else None
    if not trace.whole or last is None or last.reason == "length":
        how = last.reason if last and trace.whole else "broken off"
        raise NotWhole(f"the answer was not ended by the model ({how})")
    transcript = Transcript()
    pieces: list[Piece] = []
    for segment in trace.segments:
        ids = trace.ids[segment.start : segment.end]
        transcript.append(segment.origin, ids)
        pieces.append(Piece(segment.origin, await decode(ids), ids))
    messages = trace.request.messages
    own = (m.content for m in messages if m.role == "system" and m.content)
    system = "\n".join(filter(None, (trace.taught, *own)))
    return Conversation(
        id=f"r-{hashlib.sha256(id_.encode()).hexdigest()[:16]}",
        kind=KIND,
        split=Shares().split(trace.request.question),
        messages=(
            Turn("system", system),
            *(Turn(m.role, m.content) for m in messages if m.role != "system"),
        ),
        segments=tuple(pieces),
        ids=trace.ids,
        mask=tuple(map(int, transcript.mask())),
    )
