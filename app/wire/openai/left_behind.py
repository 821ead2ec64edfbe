"""The end of a response whose own gateway can't end it: from what is kept of it."""

from app.chat.state import Ending, Frame, ResponseRecord, Status
from app.wire.openai.numbered_frames import NumberedFrames
from app.wire.openai.output import shown_body
from app.wire.openai.response_body import error_body


def left_behind(record: ResponseRecord, number: int, error: BaseException | None) -> Ending:
    """How it ends: its complete items are kept; what was half said is in its events alone.

    Args:
        record: as it was kept last.
        number: of the event that says so.
        error: why it failed; None for one that was to be cancelled.
    """
    status: Status = "failed" if error else "cancelled"
    body = {
        **record.body,
        "status": status,
        "error": error_body(error) if error else None,
        "output": list(record.output),
    }
    frames: tuple[Frame, ...] = ()
    if record.background:
        closing = NumberedFrames(number)
        # As in `responses`: the API has no event for a cancelled answer.
        kind = "failed" if error else "incomplete"
        closing.add(f"response.{kind}", {"response": shown_body(body, ())})
        frames = tuple(closing.taken())
    return Ending(status, body, record.output, frames)
