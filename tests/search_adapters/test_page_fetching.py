"""What a page fetch may reach: nothing that isn't public, whatever is written or resolved."""

import ssl

import pytest
import trustme
from small_internet import SITE, SmallInternet, always, by_path, page, redirect, site

from search_adapters.pages.addresses import is_public
from search_adapters.pages.fetching import MAX_REDIRECTS, MAX_URL, Fetcher
from search_adapters.pages.refusal import NotPublic, Refused

TLS = ssl.create_default_context()
"""One for all: loading it takes longer than a test."""

INSIDE = (
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.255.0.9",
    "168.63.129.16", "169.254.169.254", "169.254.170.2", "172.16.0.1", "172.31.255.255",
    "192.0.0.192", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.51.100.7",
    "203.0.113.9", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254",
    "::ffff:0:127.0.0.1", "64:ff9b::127.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "100::1",
    "2001::1", "2001:0:7f00:1::1", "2001:db8::1", "2002:7f00:1::1", "2002:a9fe:a9fe::1",
    "3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "fec0::1",
    "ff02::1", "2606:4700::1111%1", "localhost", "", "1", "08.8.8.8",
)  # fmt: skip
PUBLIC = ("8.8.8.8", "93.184.215.14", "2606:4700::1111", "2a00:1450:4001:81b::200e",
          "64:ff9b::8.8.8.8", "100.63.255.255", "100.128.0.1", "172.32.0.1")  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_public(address: str) -> None:
    assert is_public(address)


HOSTILE = (
    # loopback, in every notation that some resolver takes
    "http://127.0.0.1/", "http://127.0.0.1:80/", "https://127.0.0.1/", "http://127.1/",
    "http://127.0.1/", "http://2130706433/", "http://0x7f000001/", "http://0x7f.0.0.1/",
    "http://0x7f.1/", "http://0177.0.0.1/", "http://017700000001/", "http://0177.0x0.1/",
    "http://127.0.0.1./", "http://0/", "http://0.0.0.0/", "http://127.8.8.8/",
    "http://[::1]/", "http://[0:0:0:0:0:0:0:1]/", "http://[::]/", "http://[::127.0.0.1]/",
    "http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/", "http://[0:0:0:0:0:ffff:127.0.0.1]/",
    "http://[::ffff:0:127.0.0.1]/", "http://[::1%25lo]/",
    "http://localhost/", "http://LOCALHOST/", "http://localhost./", "http://a.localhost/",
    "http://loop.example/", "http://ip6-loop.example/",
    # in letters that only look like others
    "http://１２７.０.０.１/", "http://127。0。0。1/", "http://①②⑦.⓪.⓪.①/", "http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/",
    "http://loc\u00adalhost/", "http://lоcalhost/", "http://xn--lcalhost-63g/",
    # metadata of clouds, and other link-local addresses
    "http://169.254.169.254/latest/meta-data/", "http://2852039166/", "http://0xa9fea9fe/",
    "http://0xa9.0xfe.0xa9.0xfe/", "http://0251.0376.0251.0376/", "http://169.254.43518/",
    "http://[::ffff:169.254.169.254]/", "http://[fd00:ec2::254]/", "http://metadata.example/",
    "http://169.254.170.2/v2/credentials", "http://100.100.100.200/", "http://168.63.129.16/",
    "http://192.0.0.192/", "http://[fe80::1]/", "http://[fe80::1%25eth0]/",
    # inside addresses of all kinds
    "http://10.0.0.1/", "http://172.16.0.1/", "http://192.168.0.1/", "http://192.168.257/",
    "http://100.64.0.1/", "http://198.18.0.1/", "http://224.0.0.1/", "http://255.255.255.255/",
    "http://[fc00::1]/", "http://[ff02::1]/", "http://intranet.example/",
    # IPv4 wrapped in IPv6
    "http://[64:ff9b::127.0.0.1]/", "http://[64:ff9b::a9fe:a9fe]/", "http://[64:ff9b:1::a00:1]/",
    "http://[2002:7f00:1::1]/", "http://[2002:a9fe:a9fe::]/",
    "http://[2001:0:4136:e378:8000:63bf:80ff:fffe]/",
    # two addresses, one of them inside
    "http://mixed.example/", "http://mixed6.example/",
    # somebody else's idea of where the host ends
    "http://site.example@127.0.0.1/", "http://127.0.0.1@site.example/", "http://u:p@site.example/",
    "http://@site.example/", "http://site.example\\@127.0.0.1/", "http://127.0.0.1\\.site.example/",
    "http://127.0.0.1%2f@site.example/", "http://127.0.0.1 .site.example/",
    "http://127.0.0.1\t/", "http://127.0.0.1\r\nHost:x/", "http://127.0.0.1#@site.example/",
    "http://127.0.0.1?@site.example/", "http:///127.0.0.1/", "http:127.0.0.1/",
    "//127.0.0.1/", "http://127.0.0.1:80:80/", "http://%31%32%37.0.0.1/", "http://127.0.0.1%00/",
    # ports where other things listen
    "http://site.example:22/", "http://site.example:6379/", "http://site.example:8080/",
    "https://site.example:8443/", "http://site.example:0/", "http://site.example:65536/",
    # not the web
    "file:///etc/passwd", "ftp://site.example/", "gopher://site.example/", "data:text/html,x",
    "javascript:alert(1)", "dict://site.example/", "ldap://site.example/", "unix:/run/x.sock",
    "http+unix://%2frun%2fx.sock/", "jar:http://site.example!/", "ws://site.example/", 
    "", "http://", "http:site.example",
    "http://site.example/" + "a" * MAX_URL,
)  # fmt: skip

NAMES = {
    "localhost": ["127.0.0.1"], "localhost.": ["127.0.0.1"], "a.localhost": ["127.0.0.1"],
    "loop.example": ["127.0.0.1"], "ip6-loop.example": ["::1"],
    "metadata.example": ["169.254.169.254"], "intranet.example": ["10.1.2.3"],
    "mixed.example": [[SITE, "10.0.0.1"]], "mixed6.example": [[SITE, "::ffff:10.0.0.1"]],
    "127.0.0.1.": ["127.0.0.1"], "xn--lcalhost-63g": ["127.0.0.1"],
    "xn--lcalhost-jdg": ["127.0.0.1"],
}  # fmt: skip


@pytest.mark.parametrize("url", HOSTILE)
async def test_hostile_urls_connect_to_nothing(url: str) -> None:
    async with site(always(page("secret"))) as server:
        internet = SmallInternet(NAMES, **{SITE: server.port, "127.0.0.1": server.port})
        fetch = Fetcher(internet.network, TLS)
        with pytest.raises(Refused):
            await fetch(url)
        assert internet.wires.connected == []
        assert server.heads == []
        await fetch.aclose()


def test_the_battery_is_large_enough() -> None:
    assert len(set(HOSTILE)) == len(HOSTILE) > 100


@pytest.mark.parametrize(
    "to",
    [
        "http://127.0.0.1/", "http://169.254.169.254/latest/", "http://localhost/", "//127.0.0.1/",
        "http://[::1]/", "http://2130706433/", "https://metadata.example/", "file:///etc/passwd",
        "http://site.example:6379/", "http://user@site.example/", "gopher://site.example/",
        "http://[::ffff:10.0.0.1]/", "/\\127.0.0.1/", "http://rebound.example/", "", "http://[/",
    ],
)  # fmt: skip
async def test_redirects_lead_nowhere_inside(to: str) -> None:
    answers = {"/": redirect("/two"), "/two": redirect(to, 307)}
    async with site(by_path(answers)) as server:
        names = {**NAMES, "rebound.example": ["127.0.0.1"]}
        internet = SmallInternet(names, **{SITE: server.port})
        fetch = Fetcher(internet.network, TLS)
        with pytest.raises(Refused):
            await fetch("http://site.example/")
        assert set(internet.wires.connected) == {SITE}
        assert server.paths == ["/", "/two"]
        await fetch.aclose()


async def test_rebinding_on_the_second_lookup() -> None:
    """The name is public at first and inside when it is asked again; each connection asks once."""
    closing = page("first", "Connection: close")
    async with site(always(closing)) as server:
        internet = SmallInternet({"re.example": [SITE, "127.0.0.1"]}, **{SITE: server.port})
        fetch = Fetcher(internet.network, TLS)
        fetched = await fetch("http://re.example/")
        assert fetched.body == b"first"
        assert internet.names.asked == ["re.example"]
        with pytest.raises(NotPublic):
            await fetch("http://re.example/")
        assert internet.wires.connected == [SITE]
        await fetch.aclose()


async def test_rebinding_between_a_redirect_and_its_target() -> None:
    answer = redirect("http://re.example/again").replace(
        b"Content-Length", b"Connection: close\r\nContent-Length"
    )
    async with site(always(answer)) as server:
        internet = SmallInternet({"re.example": [SITE, "10.0.0.1"]}, **{SITE: server.port})
        fetch = Fetcher(internet.network, TLS)
        with pytest.raises(NotPublic):
            await fetch("http://re.example/")
        assert internet.wires.connected == [SITE]
        await fetch.aclose()


async def test_redirects_have_an_end() -> None:
    async with site(always(redirect("/again"))) as server:
        internet = SmallInternet(**{SITE: server.port})
        fetch = Fetcher(internet.network, TLS)
        with pytest.raises(Refused, match="redirects"):
            await fetch("http://site.example/")
        assert len(server.heads) == MAX_REDIRECTS + 1
        await fetch.aclose()


async def test_redirects_may_not_leave_the_allowed_domains() -> None:
    async with site(by_path({"/": redirect("http://other.example/x")})) as server:
        internet = SmallInternet({"other.example": [SITE]}, **{SITE: server.port})
        fetch = Fetcher(internet.network, TLS)
        with pytest.raises(Refused, match="domain"):
            await fetch("http://site.example/", allows=lambda url: "//site.example" in url)
        assert server.paths == ["/"]
        await fetch.aclose()


async def test_proxies_and_cookies_of_the_environment_are_ignored(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with site(always(page("hello", "Set-Cookie: id=1; Path=/"))) as server:
        internet = SmallInternet(**{SITE: server.port})
        fetch = Fetcher(internet.network, TLS)
        for _ in range(2):
            assert (await fetch("http://site.example/a?b=c#d")).body == b"hello"
        head = server.heads[1].lower()
        assert server.paths == ["/a?b=c"] * 2
        for absent in (b"cookie", b"referer", b"authorization", b"x-forwarded"):
            assert absent not in head
        await fetch.aclose()


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n", "500"),
        (b"HTTP/1.1 302 No\r\nContent-Length: 0\r\n\r\n", "nowhere"),
        (page("x", type_="image/png"), "not a page"),
        (page("x", "Content-Encoding: br"), "encoding"),
        (b"SSH-2.0-hello\r\n\r\n", "broke off"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\nContent-Type: text/html\r\n\r\nx",
            "broke off",
        ),
    ],
)
async def test_answers_that_are_no_page(answer: bytes, reason: str) -> None:
    async def respond(head: bytes, writer: object) -> None:
        writer.write(answer)  # type: ignore[attr-defined]
        writer.close()  # type: ignore[attr-defined]

    async with site(respond) as server:
        internet = SmallInternet(**{SITE: server.port})
        fetch = Fetcher(internet.network, TLS)
        with pytest.raises(Refused, match=reason):
            await fetch("http://site.example/")
        await fetch.aclose()


async def test_an_endless_body_is_cut() -> None:
    async def respond(head: bytes, writer: object) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")  # type: ignore[attr-defined]
        while True:
            writer.write(b"<p>more</p>" * 1000)  # type: ignore[attr-defined]
            await writer.drain()  # type: ignore[attr-defined]

    async with site(respond) as server:
        internet = SmallInternet(**{SITE: server.port})
        fetch = Fetcher(internet.network, TLS, max_bytes=100_000)
        fetched = await fetch("http://site.example/")
        assert len(fetched.body) == 100_000
        assert not fetched.whole
        await fetch.aclose()


@pytest.mark.parametrize(
    ("issued", "trusted", "reason"),
    [
        ("site.example", True, None),
        ("other.example", True, "certificate"),
        (SITE, True, "certificate"),
        ("site.example", False, "certificate"),
    ],
)
async def test_certificates_are_verified_by_name(
    issued: str, trusted: bool, reason: str | None
) -> None:
    authority = trustme.CA()
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(issued).configure_cert(server_side)
    client_side = ssl.create_default_context()
    if trusted:
        authority.configure_trust(client_side)
    async with site(always(page("hello")), server_side) as server:
        internet = SmallInternet(**{SITE: server.port})
        fetch = Fetcher(internet.network, client_side)
        if reason is None:
            assert (await fetch("https://site.example/")).body == b"hello"
        else:
            with pytest.raises(Refused, match=reason):
                await fetch("https://site.example/")
            assert server.heads == []
        await fetch.aclose()
