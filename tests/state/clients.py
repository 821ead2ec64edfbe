"""Clients that read a stream in each public format while a test goes on."""

import json
import threading
from typing import Any

import httpx2

HEAD: dict[str, Any] = {"model": "scripted", "stream": True}
CALLS = {
    "/v1/chat/completions": {**HEAD, "messages": [{"role": "user", "content": "?"}]},
    "/v1/responses": {**HEAD, "input": "?"},
    "/v1/messages": {**HEAD, "max_tokens": 99, "messages": [{"role": "user", "content": "?"}]},
}


class Stream(threading.Thread):
    """A client that reads a stream to its end, however that comes."""

    def __init__(self, url: str, path: str, body: dict[str, Any] | None = None) -> None:
        super().__init__(daemon=True)
        self.path, self._url = path, url + path
        self._body = body or CALLS[path]
        self.data: list[dict[str, Any]] = []
        self.broken = False
        self.start()

    def run(self) -> None:
        try:
            with httpx2.stream(
                "POST", self._url, json=self._body, trust_env=False, timeout=60
            ) as reply:
                for line in reply.iter_lines():
                    if line.startswith("data: {"):
                        self.data.append(json.loads(line.removeprefix("data: ")))
        except httpx2.HTTPError:
            self.broken = True

    @property
    def id(self) -> str:
        """Of a response."""
        return str(self.data[0]["response"]["id"])

    @property
    def text(self) -> str:
        """The text so far, whichever format it came in."""
        out = ""
        for each in self.data:
            for choice in each.get("choices", ()):
                out += choice["delta"].get("content") or ""
            delta = each.get("delta", "")
            out += delta if isinstance(delta, str) else delta.get("text", "")
        return out
