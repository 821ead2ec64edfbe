"""The body of one streamed answer, with the network's failures told in our words."""

from collections.abc import Callable

from app.engines.connection import Broken, Connection
from app.errors import EngineUnavailable


class Stream:
    """One answer under way. Whoever holds it ends it: `close()` or `abort()`."""

    __slots__ = ("_address", "_connection", "_ended", "aborted")

    def __init__(self, connection: Connection, address: str) -> None:
        self._connection = connection
        self._address = address
        self._ended = False
        self.aborted = False

    async def pour(self, take: Callable[[bytes], bool]) -> bool:
        """Give `take` the body as it arrives, until it returns False; whether more may come.

        See `Connection.pour`. Nothing comes after the end, nor after `abort`.

        Raises:
            EngineUnavailable: the engine went away or fell silent before the end.
        """
        if self._ended:
            return False
        try:
            more = await self._connection.pour(take)
        except Broken as broken:
            if self.aborted:
                return False
            self._ended = True
            raise EngineUnavailable(f"The engine at {self._address} {broken}.") from None
        if not more:
            self.close()
        return more

    def close(self) -> None:
        """We have what we wanted: keep the connection once the engine has sent the rest."""
        if not self._ended:
            self._ended = True
            self._connection.release()

    def abort(self) -> None:
        """Close the connection now; the engine sees it and stops. Safe at any time."""
        if not self._ended:
            self._ended = self.aborted = True
            self._connection.abort()
