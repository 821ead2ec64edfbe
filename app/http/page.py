"""Serves the browser chat at `/`, out of memory, each file compressed once.

Everything but the page itself stands under `/assets/BUILD/`, where BUILD is a hash of all of it: it
may be kept for ever, since another version has another address, and modules find each other by
relative paths without a build step. The page says what it needs in front (`modulepreload`), so that
nothing waits for a chain of imports.

The policy in its headers lets the page load what comes from here, run no script but ours, none of
it inline, and show nothing from elsewhere.
"""

import gzip
import hashlib
import mimetypes
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from posixpath import dirname, join, normpath

from fastapi import APIRouter, Request, Response

from app.errors import NotFound

FOLDER = Path(__file__).resolve().parent.parent / "web"
ENTRY = "scripts/main.js"
SERVED = {".html", ".css", ".js", ".svg", ".woff2", ".webmanifest", ".txt", ".md"}
FOREVER = "public, max-age=31536000, immutable"
HEADERS = {
    "Content-Security-Policy": "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self'",
            "font-src 'self'",
            "connect-src 'self'",
            "manifest-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types dompurify",
        )
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_COMPRESSED = {".woff2"}
_STATIC_IMPORT = re.compile(
    r"""^(?:import|export)\b[^;]*?from\s*["'](\.[^"']+)["']""", re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class File:
    """One file as it leaves."""

    type: str
    plain: bytes
    packed: bytes | None
    """gzip; None where that gains nothing."""
    etag: str


class Page:
    """The page and what belongs to it."""

    def __init__(self, folder: Path = FOLDER) -> None:
        contents = {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.suffix in SERVED
        }
        whole = hashlib.sha256()
        for name, content in contents.items():
            whole.update(name.encode() + b"\0" + content)
        self.build = whole.hexdigest()[:12]
        index = contents.pop("index.html").decode()
        links = "\n".join(
            f'    <link rel="modulepreload" href="{{assets}}/{name}">'
            for name in first_modules(contents)
        )
        index = index.replace("{preloads}", links.strip()).replace(
            "{assets}", f"/assets/{self.build}"
        )
        self.index = _file("index.html", index.encode())
        self.assets = {name: _file(name, content) for name, content in contents.items()}


def first_modules(contents: dict[str, bytes], entry: str = ENTRY) -> Iterator[str]:
    """The modules that the page runs at once: all that `entry` imports, over however many steps."""
    seen, waiting = set[str](), [entry]
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        yield name
        found = _STATIC_IMPORT.findall(contents[name].decode())
        waiting += [normpath(join(dirname(name), target)) for target in found]


def routes() -> APIRouter:
    """The page at `/` and at each conversation's address, and its assets."""
    page = Page()
    router = APIRouter(include_in_schema=False)

    async def index(request: Request) -> Response:
        return _reply(request, page.index, {**HEADERS, "Cache-Control": "no-cache"})

    async def asset(request: Request, build: str, name: str) -> Response:
        file = page.assets.get(name)
        if file is None:
            raise NotFound(f"Unknown request URL: {request.method} {request.url.path}.")
        # A page from before an upgrade may still ask for a part; it gets today's and keeps it not.
        kept = FOREVER if build == page.build else "no-cache"
        return _reply(request, file, {**HEADERS, "Cache-Control": kept})

    for path in ("/", "/c/{conversation}"):
        router.add_api_route(path, index, methods=["GET", "HEAD"])
    router.add_api_route("/assets/{build}/{name:path}", asset, methods=["GET", "HEAD"])
    return router


def _file(name: str, content: bytes) -> File:
    suffix = Path(name).suffix
    kind = "text/javascript" if suffix == ".js" else mimetypes.guess_type(name)[0] or "text/plain"
    if kind.startswith("text/"):
        kind += "; charset=utf-8"
    packed = None if suffix in _COMPRESSED else gzip.compress(content, 9, mtime=0)
    etag = f'"{hashlib.sha256(content).hexdigest()[:20]}"'
    return File("font/woff2" if suffix == ".woff2" else kind, content, packed, etag)


def _reply(request: Request, file: File, headers: dict[str, str]) -> Response:
    headers = {**headers, "ETag": file.etag, "Vary": "Accept-Encoding"}
    known = (
        tag.strip().removeprefix("W/")
        for tag in request.headers.get("if-none-match", "").split(",")
    )
    if file.etag in known:
        return Response(status_code=304, headers=headers)
    content = file.plain
    if file.packed is not None and _takes_gzip(request.headers.get("accept-encoding", "")):
        headers["Content-Encoding"] = "gzip"
        content = file.packed
    if request.method == "HEAD":
        headers["Content-Length"] = str(len(content))
        content = b""
    return Response(content, headers=headers, media_type=file.type)


def _takes_gzip(accepted: str) -> bool:
    for coding in accepted.split(","):
        name, _, weight = coding.partition(";")
        if name.strip().lower() in ("gzip", "*"):
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False
