"""The token stream's HTTP client against peers that behave, misbehave, and vanish."""

import asyncio
import socket
import ssl
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from app.engines.connection import HIGH_WATER
from app.engines.http_stream import HttpClient, Timeouts
from app.engines.stream import Stream
from app.errors import EngineBusy, EngineRefused, EngineUnavailable, Overloaded

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
SHORT = Timeouts(connect=60, first_byte=0.1, idle=0.1, request=0.1)
IDLE = Timeouts(connect=60, first_byte=60, idle=0.1, request=60)


@asynccontextmanager
async def peer(
    handle: Handler, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None
) -> AsyncIterator[str]:
    """A server that does what `handle` does with each connection; gives its address."""

    async def handled(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await handle(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(handled, host, 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    shown = f"[{host}]" if ":" in host else host
    try:
        yield f"http{'s' if tls else ''}://{shown}:{port}"
    finally:
        server.close()
        await server.wait_closed()


async def read_request(reader: asyncio.StreamReader) -> tuple[str, dict[str, str], bytes]:
    """The request line, the headers, the body."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
    return head[0], headers, await reader.readexactly(int(headers["content-length"]))


def answer(body: bytes, status: str = "200 OK", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def chunked(*pieces: bytes) -> bytes:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    return head + b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)


async def read(stream: Stream) -> bytes:
    """The next piece of the body; b"" at its end."""
    pieces: list[bytes] = []

    def take(piece: bytes) -> bool:
        pieces.append(piece)
        return False

    await stream.pour(take)
    return b"".join(pieces)


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer every request with its own line and body."""
    while True:
        line, headers, body = await read_request(reader)
        key = headers.get("authorization", "")
        writer.write(answer(f"{line}|{key}|".encode() + body))


async def test_request_carries_path_key_and_body() -> None:
    async with peer(echo) as url:
        client = HttpClient(url + "/base/", api_key="k")
        reply = await client.request("POST", "/tokenize", b"{}")
        assert reply.status == 200
        assert reply.body == b"POST /base/tokenize HTTP/1.1|bearer k|{}"
        await client.aclose()


async def test_connections_are_kept_and_the_last_one_is_used_first() -> None:
    connections = 0

    async def counting(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await echo(reader, writer)

    async with peer(counting) as url:
        client = HttpClient(url)
        await asyncio.gather(*(client.request("GET", "/") for _ in range(5)))
        for _ in range(5):
            await client.request("GET", "/")
        assert connections == 5
        await client.aclose()


async def test_keeping_none_says_so_and_closes() -> None:
    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _, headers, _ = await read_request(reader)
        writer.write(answer(headers["connection"].encode()))
        assert await reader.read() == b""  # the client closes

    async with peer(once) as url:
        client = HttpClient(url, keep=0)
        assert (await client.request("GET", "/")).body == b"close"
        assert (await client.request("GET", "/")).body == b"close"
        await client.aclose()


async def test_a_kept_connection_that_died_is_replaced() -> None:
    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(answer(b"first"))
        await writer.drain()
        await read_request(reader)  # and close without a byte

    async with peer(once) as url:
        client = HttpClient(url)
        for _ in range(3):
            assert (await client.request("GET", "/")).body == b"first"
        await client.aclose()


async def test_a_new_connection_that_dies_is_not_tried_again() -> None:
    tries = 0

    async def deaf(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal tries
        tries += 1
        await read_request(reader)

    async with peer(deaf) as url:
        client = HttpClient(url)
        with pytest.raises(EngineUnavailable, match="closed the connection"):
            await client.stream("/v1/completions", b"{}")
        assert tries == 1
        await client.aclose()


async def test_no_second_try_after_the_first_byte() -> None:
    tries = 0

    async def half(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal tries
        tries += 1
        await read_request(reader)
        writer.write(answer(b"whole"))
        await writer.drain()
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\n")

    async with peer(half) as url:
        client = HttpClient(url)
        await client.request("GET", "/")
        with pytest.raises(EngineUnavailable):
            await client.request("GET", "/")
        assert tries == 1
        await client.aclose()


async def test_one_read_gives_all_that_arrived() -> None:
    async def streaming(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(chunked(b"a", b"b", b"c", b""))

    async with peer(streaming) as url:
        client = HttpClient(url)
        stream = await client.stream("/", b"")
        assert await read(stream) == b"abc"
        assert await read(stream) == b""
        await client.aclose()


async def test_pouring_wakes_nobody_until_it_is_enough() -> None:
    """Each piece is taken in the callback that brings it; the rest is held for the next pour."""
    ping = asyncio.Semaphore(0)

    async def paced(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(chunked())
        for number in range(20):
            await ping.acquire()
            writer.write(b"2\r\n%02d\r\n" % number)
        writer.write(b"0\r\n\r\n")

    async with peer(paced) as url:
        client = HttpClient(url)
        stream = await client.stream("/", b"")
        taken: list[bytes] = []
        woken = 0

        def take(piece: bytes) -> bool:
            taken.append(piece)
            ping.release()
            return len(taken) % 5 != 0

        ping.release()
        while await stream.pour(take):
            woken += 1
        assert taken == [b"%02d" % number for number in range(20)]
        assert woken == 4
        await client.aclose()


async def test_what_the_taker_raises_reaches_the_one_who_pours() -> None:
    async def two(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(chunked(b"one"))
        await said.wait()
        writer.write(b"3\r\ntwo\r\n")
        await reader.read()

    def take(piece: bytes) -> bool:
        if piece == b"two":
            raise ValueError("no more of this")
        said.set()
        return True

    said = asyncio.Event()
    async with peer(two) as url:
        client = HttpClient(url)
        stream = await client.stream("/", b"")
        with pytest.raises(ValueError, match="no more of this"):
            await stream.pour(take)
        stream.abort()
        await client.aclose()


async def test_an_answer_without_length_ends_with_the_connection() -> None:
    async def old(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(b"HTTP/1.0 200 OK\r\n\r\nall of it")

    async with peer(old) as url:
        client = HttpClient(url)
        assert (await client.request("GET", "/")).body == b"all of it"
        await client.aclose()


async def test_a_chunked_answer_cut_short_is_an_error() -> None:
    async def cut(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(chunked(b"half"))

    async with peer(cut) as url:
        client = HttpClient(url)
        stream = await client.stream("/", b"")
        assert await read(stream) == b"half"
        with pytest.raises(EngineUnavailable, match="closed the connection"):
            await read(stream)
        await client.aclose()


async def test_provisional_answers_are_passed_over() -> None:
    async def patient(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + answer(b"here"))

    async with peer(patient) as url:
        client = HttpClient(url)
        assert (await client.request("GET", "/")).body == b"here"
        await client.aclose()


@pytest.mark.parametrize(
    ("status", "body", "error", "said"),
    [
        ("400 Bad", b'{"error":{"message":"no such id"}}', EngineRefused, "no such id"),
        ("422 Bad", b'{"detail":[{"msg":"x"}]}', EngineRefused, "msg"),
        ("404 Not Found", b"<html>", EngineRefused, "<html>"),
        ("429 Busy", b"", Overloaded, "429"),
        ("500 Oops", b'{"error":"ill"}', EngineUnavailable, "ill"),
        ("503 Loading", b'{"message":"Loading model"}', EngineBusy, "Loading model"),
    ],
)
async def test_what_an_error_answer_becomes(
    status: str, body: bytes, error: type[Exception], said: str
) -> None:
    async def refusing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            await read_request(reader)
            writer.write(answer(body, status))

    async with peer(refusing) as url:
        client = HttpClient(url)
        with pytest.raises(error, match=said):
            await client.stream("/", b"")
        with pytest.raises(error, match=said):
            await client.call("/", dict)
        await client.aclose()


async def test_an_unreadable_reply_is_an_error() -> None:
    async with peer(echo) as url:
        client = HttpClient(url)
        with pytest.raises(EngineUnavailable, match="unreadably"):
            await client.call("/", dict)
        await client.aclose()


async def test_what_is_no_http_is_an_error() -> None:
    async def ssh(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-OpenSSH_9.2\r\n")
        await reader.read()

    async with peer(ssh) as url:
        client = HttpClient(url)
        with pytest.raises(EngineUnavailable, match="127"):
            await client.request("GET", "/")
        await client.aclose()


async def test_silence_is_bounded_before_and_within_an_answer() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line, _, _ = await read_request(reader)
        if "/half" in line:
            writer.write(chunked(b"half"))
        await reader.read()

    async with peer(silent) as url:
        client = HttpClient(url, timeouts=SHORT)
        with pytest.raises(EngineUnavailable, match="did not answer"):
            await client.stream("/", b"")
        with pytest.raises(EngineUnavailable, match=r"within 0\.1 s"):
            await client.request("GET", "/")
        await client.aclose()
        client = HttpClient(url, timeouts=IDLE)
        stream = await client.stream("/half", b"")
        assert await read(stream) == b"half"
        with pytest.raises(EngineUnavailable, match="sent nothing more"):
            await read(stream)
        await client.aclose()


async def test_a_slow_consumer_stops_the_reading() -> None:
    sent = 0
    full = asyncio.Event()

    async def flooding(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await read_request(reader)
        piece = b"x" * 65536
        writer.write(chunked())
        for _ in range(1024):
            writer.write(b"%x\r\n%b\r\n" % (len(piece), piece))
            if writer.transport.get_write_buffer_size() > len(piece):
                full.set()
            await writer.drain()
            sent += len(piece)
        writer.write(b"0\r\n\r\n")

    async with peer(flooding) as url:
        client = HttpClient(url)
        stream = await client.stream("/", b"")
        async with asyncio.timeout(60):
            await full.wait()
            held = len(await read(stream))
            assert held <= HIGH_WATER + 256 * 1024
            total = held
            while received := await read(stream):
                total += len(received)
        assert total == 1024 * 65536
        await client.aclose()


async def test_ipv6() -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6")
    async with peer(echo, host="::1") as url:
        client = HttpClient(url)
        assert (await client.request("GET", "/")).status == 200
        await client.aclose()


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A self-signed certificate for this machine, key and all in one file."""
    path = tmp_path / "certificate.pem"
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=localhost"
    names = ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    files = ["-keyout", str(tmp_path / "key.pem"), "-out", str(path)]
    try:
        subprocess.run([*command.split(), *names, *files], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no openssl to make a certificate with")
    return path


async def test_https(certificate: Path) -> None:
    theirs = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    theirs.load_cert_chain(certificate, certificate.with_name("key.pem"))
    ours = ssl.create_default_context(cafile=certificate)
    async with peer(echo, tls=theirs) as url:
        client = HttpClient(url, tls=ours)
        assert (await client.request("GET", "/")).status == 200
        await client.aclose()
        stranger = HttpClient(url)
        with pytest.raises(EngineUnavailable, match="can't be reached"):
            await stranger.request("GET", "/")
        await stranger.aclose()


async def test_a_name_that_leads_nowhere() -> None:
    client = HttpClient("http://engine.invalid:1")
    with pytest.raises(EngineUnavailable, match=r"engine\.invalid"):
        await client.request("GET", "/")


@pytest.mark.parametrize("address", ["engine:8000", "ftp://engine", "http://", "unix:/x"])
def test_addresses_that_are_none(address: str) -> None:
    with pytest.raises(ValueError, match="not an http or https address"):
        HttpClient(address)


def test_a_key_that_would_break_the_header() -> None:
    with pytest.raises(ValueError, match="printable"):
        HttpClient("http://engine", api_key="a\r\nX: y")
