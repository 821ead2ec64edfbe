"""What a vLLM that is up must be able to do, tried out once: endpoints, and fields of replies.

/health             answers 200
/v1/models          our model, with its window
/tokenize           renders a conversation: the model has a chat template
/v1/completions     takes ids and gives ids back
"""

import json
import urllib.error
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

from model_server.supported import Unsupported

TIMEOUT = 60.0
"""Seconds for one call; the first completion may compile something."""


@dataclass(frozen=True, slots=True)
class Served:
    """What it serves."""

    models: tuple[str, ...]
    context_window: int


class Examiner:
    """Asks one server. The key goes to it alone: whatever proxy the environment names is left out.

    Args:
        url: without a path.
        api_key: sent along, where there is one.
    """

    def __init__(self, url: str, api_key: str | None) -> None:
        self._url = url
        self._headers = {"Content-Type": "application/json"}
        if api_key:
            self._headers["Authorization"] = f"Bearer {api_key}"
        self._opener = build_opener(ProxyHandler({}))

    def healthy(self) -> bool:
        """Whether it is up."""
        try:
            return self._call("/health", timeout=2.0)[0] == 200
        except OSError:
            return False

    def examine(self) -> Served:
        """What it serves, once it has shown that it can do what we need. Raises Unsupported."""
        models = self._json("/v1/models")["data"]
        names = tuple(str(model["id"]) for model in models)
        prompt = self._rendered(names[0])
        said = self._json(
            "/v1/completions",
            {
                "model": names[0],
                "prompt": prompt,
                "max_tokens": 1,
                "return_token_ids": True,
                "temperature": 0,
            },
        )
        if not said["choices"][0].get("token_ids"):
            raise Unsupported("This vLLM gives no token ids back (return_token_ids).")
        return Served(names, int(models[0]["max_model_len"]))

    def _rendered(self, model: str) -> list[int]:
        messages = [{"role": "user", "content": "Hello"}]
        status, reply = self._call("/tokenize", {"model": model, "messages": messages})
        if status == 200:
            return list(reply["tokens"])
        said = json.dumps(reply)
        if "chat template" in said:
            raise Unsupported(
                f"{model} has no chat template. Give one with MODEL_SERVER_CHAT_TEMPLATE=FILE, "
                "or serve the instruct model of the same family."
            )
        raise Unsupported(f"This vLLM can't lay a conversation out: /tokenize {status}: {said}")

    def _json(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        status, reply = self._call(path, body)
        if status != 200:
            raise Unsupported(f"This vLLM refuses {path} ({status}): {json.dumps(reply)}")
        return reply

    def _call(
        self, path: str, body: Mapping[str, Any] | None = None, timeout: float = TIMEOUT
    ) -> tuple[int, Any]:
        data = None if body is None else json.dumps(body).encode()
        request = Request(self._url + path, data, self._headers)
        try:
            with self._opener.open(request, timeout=timeout) as reply:
                status, text = reply.status, reply.read()
        except urllib.error.HTTPError as error:
            with error:
                status, text = error.code, error.read()
        try:
            return status, json.loads(text or b"null")
        except ValueError:
            return status, text.decode("utf-8", "replace")[:300]
