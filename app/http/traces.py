"""Keeps the trace of an answer beside the answer, for answers that are stored."""

import asyncio
import logging

from app.chat.state import ResponseStore
from app.chat.traces.recorder import Recorder
from app.chat.traces.trace import packed
from app.chat.transcript import Transcript
from app.errors import StoreUnavailable

logger = logging.getLogger(__name__)


class Traced:
    """The recorder of one stored answer; nothing where traces are not kept."""

    def __init__(
        self, store: ResponseStore, transcript: Transcript, *, id_: str, owner: str, wanted: bool
    ) -> None:
        """
        Args:
            store: where to.
            transcript: the answer's own.
            id_: of the answer.
            owner: whose it is.
            wanted: whether this gateway keeps traces.
        """
        self.watch = Recorder() if wanted else None
        """For `ChatService.answer`."""
        self._store, self._transcript = store, transcript
        self._id, self._owner = id_, owner

    async def keep(self) -> None:
        """Keep what there is. Without a store the answer goes on, and the log says so."""
        if self.watch is None:
            return
        # In a thread: packing a long one takes as long as many tokens of other answers.
        raw = await asyncio.to_thread(self._packed, self.watch)
        if raw is None:
            return
        try:
            await self._store.keep_trace(self._id, self._owner, raw)
        except StoreUnavailable as error:
            logger.error("the trace of %s was not stored: %s", self._id, error.message)

    def _packed(self, recorder: Recorder) -> bytes | None:
        trace = recorder.trace(self._transcript)
        return None if trace is None else packed(trace)
