"""`orson ask`: one question to a running gateway, through its public API."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Annotated, Any

import httpx2
import typer
from rich.console import Console
from rich.markup import escape
from rich.text import Text

DEFAULT_URL = "http://127.0.0.1:8000"


def ask(
    question: Annotated[str, typer.Argument(help="What to ask.")],
    url: Annotated[
        str, typer.Option(help="Address of the gateway.", envvar="ORSON_URL")
    ] = DEFAULT_URL,
    model: Annotated[str | None, typer.Option(help="Model; the served one by default.")] = None,
    search: Annotated[
        str | None, typer.Option(help="auto, always or never; the gateway's own by default.")
    ] = None,
    max_searches: Annotated[int | None, typer.Option(min=0, max=20)] = None,
    api_key: Annotated[str | None, typer.Option(envvar="ORSON_API_KEY")] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object: answer, searches, citations, usage.")
    ] = False,
) -> None:
    """Ask a question; the answer streams, searches are shown as they happen, sources follow."""
    out, err = Console(highlight=False), Console(stderr=True, highlight=False)
    client = httpx2.Client(
        base_url=url,
        headers={"Authorization": f"Bearer {api_key or os.environ.get('OPENAI_API_KEY', 'none')}"},
        timeout=httpx2.Timeout(10, read=300),
        trust_env=False,
    )
    options = {"policy": search, "max_searches": max_searches}
    body = {
        "messages": [{"role": "user", "content": question}],
        "stream": True,
        "stream_options": {"include_usage": True},
        "search": {name: value for name, value in options.items() if value is not None},
    }
    screen = _Screen(out) if not as_json else None
    answer = _Answer()
    try:
        with client:
            body["model"] = model or _served(client)
            for chunk in _stream(client, body):
                answer.take(chunk)
                if screen is not None:
                    screen.take(chunk)
    except httpx2.HTTPError as error:
        err.print(f"[red]No answer from {escape(url)}:[/red] {escape(str(error) or repr(error))}")
        err.print("Is the gateway running? Start it with 'make serve' or 'orson serve'.")
        raise typer.Exit(1) from None
    except _Refused as error:
        err.print(f"[red]{escape(str(error))}[/red]")
        raise typer.Exit(1) from None
    if screen is None:
        typer.echo(json.dumps(answer.body(), ensure_ascii=False, indent=2))
    else:
        screen.sources(answer.citations)


class _Refused(Exception):
    """The gateway answered with an error."""


@dataclass
class _Answer:
    """The whole answer, from its chunks."""

    text: str = ""
    searches: list[dict[str, Any]] = field(default_factory=list)
    citations: list[dict[str, Any]] = field(default_factory=list)
    usage: dict[str, Any] = field(default_factory=dict)
    finish_reason: str | None = None

    def take(self, chunk: dict[str, Any]) -> None:
        self.usage = chunk.get("usage") or self.usage
        if (event := chunk.get("search")) and event["type"] == "finished":
            self.searches.append({k: v for k, v in event.items() if k != "type"})
        for choice in chunk.get("choices", ()):
            self.text += choice["delta"].get("content") or ""
            self.finish_reason = choice["finish_reason"] or self.finish_reason
            self.citations += [a["url_citation"] for a in choice["delta"].get("annotations", ())]

    def body(self) -> dict[str, Any]:
        return {
            "answer": self.text,
            "searches": self.searches,
            "citations": self.citations,
            "finish_reason": self.finish_reason,
            "usage": self.usage,
        }


class _Screen:
    """Shows an answer as it comes."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._at_line_start = True

    def take(self, chunk: dict[str, Any]) -> None:
        if event := chunk.get("search"):
            self._search(event)
        for choice in chunk.get("choices", ()):
            if text := choice["delta"].get("content"):
                self._console.print(Text(text), end="", soft_wrap=True)
                self._at_line_start = text.endswith("\n")

    def _search(self, event: dict[str, Any]) -> None:
        if event["type"] == "searching":
            self._line(f"[cyan]searching[/cyan] {escape(' | '.join(event['queries']))}")
        elif event["type"] == "finished":
            found = escape(event["failure"] or f"{len(event['results'])} results")
            provider = f" from {escape(event['provider'])}" if event["provider"] else ""
            self._line(f"[cyan]found[/cyan] {found}{provider} in {event['elapsed_ms']:.0f} ms")
            for result in event["results"]:
                self._line(Text(f"  [{result['number']}] {result['title']}", style="dim"))

    def _line(self, line: str | Text) -> None:
        if not self._at_line_start:
            self._console.print()
        self._console.print(line, soft_wrap=True)
        self._at_line_start = True

    def sources(self, citations: list[dict[str, Any]]) -> None:
        self._console.print()
        cited = {citation["url"]: citation["title"] for citation in citations}
        if cited:
            self._console.print("\n[bold]Sources[/bold]")
        for url, title in cited.items():
            self._console.print(Text(f"  {title}  {url}"), soft_wrap=True)


def _served(client: httpx2.Client) -> str:
    reply = client.get("/v1/models")
    _check(reply)
    return str(reply.json()["data"][0]["id"])


def _stream(client: httpx2.Client, body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    with client.stream("POST", "/v1/chat/completions", json=body) as reply:
        if reply.status_code != 200:
            reply.read()
        _check(reply)
        held = b""
        for piece in reply.iter_bytes():
            # Lines end at \n alone: text may hold U+2028, which `iter_lines` would split at.
            *lines, held = (held + piece).split(b"\n")
            for line in lines:
                if line.startswith(b"data: ") and line != b"data: [DONE]":
                    chunk = json.loads(line[6:])
                    if "error" in chunk:
                        raise _Refused(chunk["error"]["message"])
                    yield chunk


def _check(reply: httpx2.Response) -> None:
    if reply.status_code == 200:
        return
    try:
        message = reply.json()["error"]["message"]
    except (ValueError, KeyError, TypeError):
        message = f"the gateway answered {reply.status_code}"
    raise _Refused(message)
