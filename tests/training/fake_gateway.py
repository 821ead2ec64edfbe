"""A gateway on loopback that answers by a function, and can be told to break down."""

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = Callable[[dict[str, Any]], dict[str, Any]]


class FakeGateway:
    """Speaks as much of the API as an evaluation asks for."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.asked: list[dict[str, Any]] = []
        self.breaks_after: int | None = None
        self.busy = 0
        """How many requests to refuse with 429 first."""
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self._send(200, {"data": [{"id": "fake"}]})

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                if outer.busy:
                    outer.busy -= 1
                    self._send(429, {"error": {"message": "busy"}})
                elif outer.breaks_after is not None and len(outer.asked) >= outer.breaks_after:
                    self._send(400, {"error": {"message": "broken down"}})
                else:
                    outer.asked.append(body)
                    self._send(200, outer.answer(body))

            def _send(self, status: int, body: dict[str, Any]) -> None:
                data = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def completion(text: str, *searches: dict[str, Any], cited: tuple[str, ...] = ()) -> dict[str, Any]:
    """A whole answer as the gateway gives it."""
    notes = [{"type": "url_citation", "url_citation": {"url": url}} for url in cited]
    message = {"role": "assistant", "content": text, "annotations": notes}
    return {
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": {"generated_tokens": 9, "stray_markers": 0, "dropped_citations": 0},
        "search": list(searches),
    }


def search(query: str, *results: tuple[str, str, str]) -> dict[str, Any]:
    """A finished search with results of (title, url, text)."""
    return {
        "queries": [query],
        "failure": None,
        "results": [
            {"number": at, "title": title, "url": url, "text": text}
            for at, (title, url, text) in enumerate(results, start=1)
        ],
    }
