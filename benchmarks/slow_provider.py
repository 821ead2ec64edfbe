"""A search provider on loopback that is as slow as real ones: a middle, and now and then a tail.

GET /search?q=...    one result, after 150 to 250 ms, or after 900 ms in 8 % of the calls
GET /state           {"calls": n}
"""

import argparse
import asyncio
import json
import random
from urllib.parse import parse_qs, urlsplit

MIDDLE, SPREAD = 0.2, 0.05
"""Seconds: the median, and how far from it a call may end."""
TAIL, SHARE = 0.9, 0.08
"""Seconds that the slow calls take, and how many they are."""


class Provider:
    """Counts its calls and takes its time."""

    def __init__(self, seed: int) -> None:
        self.calls = 0
        self._random = random.Random(seed)

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                method, target, _ = head.split(" ", 2)
                body = await self._reply(target) if method == "GET" else b""
                lines = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n"
                writer.write(lines.encode() + body)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _reply(self, target: str) -> bytes:
        parts = urlsplit(target)
        if parts.path != "/search":
            return json.dumps({"calls": self.calls}).encode()
        self.calls += 1
        slow = self._random.random() < SHARE
        await asyncio.sleep(TAIL if slow else MIDDLE + self._random.uniform(-SPREAD, SPREAD))
        query = parse_qs(parts.query).get("q", [""])[0]
        result = {
            "title": query,
            "url": f"https://example.org/{abs(hash(query))}",
            "text": f"All that is known of {query} stands on this page, and it is not much.",
        }
        return json.dumps({"results": [result]}).encode()


async def serve(port: int, seed: int) -> None:
    """Answer until killed."""
    server = await asyncio.start_server(Provider(seed).handle, "127.0.0.1", port, backlog=512)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    asyncio.run(serve(options.port, options.seed))
