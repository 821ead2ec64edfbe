"""A model server that answers by a function: the chat and completions endpoints, on loopback."""

import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answers = Callable[[str, dict[str, Any]], str]
"""The last message (or the prompt) and the whole body -> what the model says."""


@dataclass
class Trouble:
    """Replies given in place of answers, one after the other."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    message: str = "trouble"


class Oracle:
    """Says what a function says, and remembers what it was asked."""

    def __init__(
        self, answers: Answers, *, owner: str = "somebody", gives_many: bool = True
    ) -> None:
        self.asked: list[dict[str, Any]] = []
        self.paths: list[str] = []
        self.troubles: list[Trouble] = []
        self.most_at_once = 0
        self.barrier: threading.Barrier | None = None
        """Answers wait for each other here: shows that they run side by side."""
        self._answers, self._owner, self._gives_many = answers, owner, gives_many
        self._running = 0
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    def __enter__(self) -> "Oracle":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def questions(self) -> list[str]:
        """The last message of everything it was asked."""
        return [_last(body) for body in self.asked]

    def _reply(self, path: str, body: dict[str, Any]) -> tuple[int, dict[str, str], Any]:
        with self._lock:
            self.asked.append(body)
            self.paths.append(path)
            trouble = self.troubles.pop(0) if self.troubles else None
        if trouble is not None:
            return trouble.status, trouble.headers, {"error": {"message": trouble.message}}
        count = body.get("n", 1)
        if count > 1 and not self._gives_many:
            return 400, {}, {"error": {"message": "only one answer at a time"}}
        if self.barrier is not None:
            self.barrier.wait(10)
        text = self._answers(_last(body), body)
        choice = {"text": text} if "prompt" in body else {"message": {"content": text}}
        usage = {"prompt_tokens": 10, "completion_tokens": 2 * count}
        return 200, {}, {"choices": [choice] * count, "usage": usage}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        oracle = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: object) -> None:
                pass

            def do_GET(self) -> None:
                model = {"id": "oracle", "owned_by": oracle._owner}
                self._send(200, {}, {"data": [model]})

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                with oracle._lock:
                    oracle._running += 1
                    oracle.most_at_once = max(oracle.most_at_once, oracle._running)
                try:
                    self._send(*oracle._reply(self.path, body))
                finally:
                    with oracle._lock:
                        oracle._running -= 1

            def _send(self, status: int, headers: dict[str, str], body: Any) -> None:
                content = json.dumps(body).encode()
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

        return Handler


def _last(body: dict[str, Any]) -> str:
    return str(body["prompt"] if "prompt" in body else body["messages"][-1]["content"])


def capitals(asked: str, _: dict[str, Any]) -> str:
    """Knows two capitals and says Atlantis to everything else."""
    known = {"France": "Paris", "Italy": "Rome"}
    found = re.search(r"capital of (\w+)", asked)
    return f"It is {known.get(found[1], 'Atlantis')}." if found else "Atlantis"
