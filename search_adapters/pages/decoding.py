"""From the bytes of a body to text: decompressed within a bound, in the encoding it really has."""

import codecs
import zlib

from resiliparse.parse.encoding import bytes_to_str, detect_encoding

from search_adapters.pages.refusal import Refused

MAX_BYTES = 4 * 1024 * 1024
"""After decompression. 50 kB of gzip hold 50 MB of zeros; no more than this is ever unpacked."""
_GUESSED_FROM = 64 * 1024
"""Bytes that an encoding is guessed from."""


def decompress(body: bytes, encoding: str) -> tuple[bytes, bool]:
    """At most MAX_BYTES of what `body` holds, and whether that is all.

    `encoding` is gzip, deflate or empty. A body that was cut off gives what there is of it.
    Raises Refused when it is something else.
    """
    if not encoding:
        return body[:MAX_BYTES], len(body) <= MAX_BYTES
    # 47: a gzip or a zlib header, whichever is there; -15: none, which some call deflate too.
    for window in (47, -15) if encoding == "deflate" else (47,):
        unpacker = zlib.decompressobj(window)
        try:
            data = unpacker.decompress(body, MAX_BYTES)
        except zlib.error:
            continue
        return data, unpacker.eof or not unpacker.unconsumed_tail
    raise Refused("the body can't be decompressed")


def to_text(data: bytes, charset: str, *, markup: bool) -> str:
    """The text of a body. `charset` is what the header said; it is checked and not trusted."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    if b"\x00" in data[:_GUESSED_FROM]:
        raise Refused("not text")
    if charset:
        try:
            return data.decode(codecs.lookup(charset).name)
        except (LookupError, UnicodeError):
            pass  # wrong, or cut in the middle of a character
    guess = detect_encoding(data[:_GUESSED_FROM], from_html_meta=markup)
    return str(bytes_to_str(data, guess or "utf-8"))
