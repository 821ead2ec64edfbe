"""The events of background answers, in Redis Streams.

Each append is one entry with a field per event, its number as name; the entry's id is the number
behind its last event, so a call made twice adds nothing. A log is closed by an entry `end`.
"""

from collections.abc import AsyncGenerator, Sequence
from typing import Any

from app.chat.state import ACTIVE, Frame
from app.errors import EventsGone
from app.stores import keys
from app.stores.connection import Script, connect, named

LARGEST = 16 * 2**20
"""Bytes of one log; then its oldest quarter is dropped."""
PATIENCE = 2000
"""Milliseconds that one call waits for an event, well within what a call may take."""
AT_ONCE = 500
"""Events in one entry, and entries in one read."""

APPEND = Script(
    """
-- KEYS response, events; ARGV seconds, largest, then numbers and bytes
local has = redis.call('HMGET', KEYS[1], 'status', 'cancel')
if has[1] ~= 'in_progress' and has[1] ~= 'queued' then return 0 end
local last = redis.call('XREVRANGE', KEYS[2], '+', '-', 'COUNT', 1)[1]
local written = last and tonumber(string.match(last[1], '^%d+')) or 0
local fields, size, top = {}, 0, written
for i = 3, #ARGV, 2 do
  if tonumber(ARGV[i]) + 1 > written then
    fields[#fields + 1] = ARGV[i]
    fields[#fields + 1] = ARGV[i + 1]
    size = size + #ARGV[i + 1]
    top = tonumber(ARGV[i]) + 1
  end
end
if size > 0 then
  redis.call('XADD', KEYS[2], top .. '-0', unpack(fields))
  redis.call('EXPIRE', KEYS[2], ARGV[1])
  local all = redis.call('HINCRBY', KEYS[1], 'events', size)
  if all > tonumber(ARGV[2]) then
    local length = redis.call('XLEN', KEYS[2])
    local dropped = redis.call('XTRIM', KEYS[2], 'MAXLEN', math.ceil(length * 3 / 4))
    redis.call('HSET', KEYS[1], 'events', all - math.floor(all * dropped / length))
  end
end
return has[2] and 0 or 1
"""
)


class RedisEventLog:
    """Implements `app.chat.state.EventLog`."""

    def __init__(self, url: str, *, seconds: int, largest: int = LARGEST) -> None:
        """
        Args:
            url: of Redis.
            seconds: how long the log of an answer under way is kept after its last event.
            largest: bytes of one log.
        """
        self._redis = connect(url)
        self._seconds = seconds
        self._largest = largest

    async def append(self, id_: str, frames: Sequence[Frame]) -> bool:
        """Add events; whether the answer may go on."""
        may_go_on = True
        for start in range(0, max(len(frames), 1), AT_ONCE):
            some = [part for frame in frames[start : start + AT_ONCE] for part in frame]
            with named():
                may_go_on = bool(
                    await APPEND(
                        self._redis,
                        [keys.of(id_), keys.events(id_)],
                        [self._seconds, self._largest, *some],
                    )
                )
        return may_go_on

    async def read(self, id_: str, after: int = -1) -> AsyncGenerator[Sequence[Frame], None]:
        """Events behind `after`, as they come."""
        key, at = keys.events(id_), f"{after + 1}-0"
        active, wait = True, None
        while True:
            with named():
                found = await self._redis.xread({key: at}, count=AT_ONCE, block=wait)
            frames, ended = [], False
            for entry, fields in _entries(found):
                at = entry.decode()
                for name, value in fields.items():
                    if name == b"end":
                        ended = True
                    elif int(name) > after:
                        frames.append((int(name), bytes(value)))
            if frames:
                if frames[0][0] != after + 1:
                    raise _gone(after)
                after = frames[-1][0]
                yield frames
            if ended:
                return
            if not frames:
                if not active:  # and what came before it ended was read
                    if await self._closed(key):
                        return
                    raise _gone(after)
                active = await self._active(id_)
                wait = PATIENCE if active else None

    async def last(self, id_: str) -> int:
        """The number of the last event there is."""
        with named():
            entries = await self._redis.xrevrange(keys.events(id_), count=1)
        return int(entries[0][0].partition(b"-")[0]) - 1 if entries else -1

    async def _closed(self, key: str) -> bool:
        with named():
            return bool(await self._redis.exists(key))

    async def _active(self, id_: str) -> bool:
        with named():
            status, log = await self._redis.hmget(keys.of(id_), "status", "background")
        return log == b"1" and status.decode() in ACTIVE

    async def aclose(self) -> None:
        """Give back the connections."""
        await self._redis.aclose()


def _entries(found: Any) -> list[tuple[bytes, dict[bytes, bytes]]]:
    # RESP2 gives [[key, entries]], RESP3 {key: [entries]}.
    if not found:
        return []
    if isinstance(found, dict):
        (entries,) = found.values()
        return list(entries[0])
    return list(found[0][1])


def _gone(after: int) -> EventsGone:
    return EventsGone(
        f"The events behind number {after} are not kept any more. Retrieve the response itself."
    )
