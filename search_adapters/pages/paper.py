"""PDF files from the web: the text of their first pages."""

import re

import pypdfium2

from search_adapters.pages.document import MAX_TEXT, Document, read_plain
from search_adapters.pages.refusal import Refused

MAX_PAGES = 40
_HYPHENATED = re.compile(r"(?<=\w)[-\u00ad\ufffe]\n(?=[a-zß-ÿ])")


def read_paper(data: bytes) -> Document:
    """The document in a PDF. Raises Refused when it can't be opened or holds no text."""
    size, texts = 0, list[str]()
    try:
        with pypdfium2.PdfDocument(data) as pdf:
            title = " ".join(pdf.get_metadata_value("Title").split())[:200]
            for index in range(min(len(pdf), MAX_PAGES)):
                page = pdf[index]
                text_page = page.get_textpage()
                texts.append(text_page.get_text_bounded().replace("\r\n", "\n"))
                text_page.close()
                page.close()
                size += len(texts[-1])
                if size > MAX_TEXT:
                    break
    except pypdfium2.PdfiumError:
        raise Refused("broken PDF") from None
    text = _HYPHENATED.sub("", "\n\n".join(texts))
    if not text.strip():
        raise Refused("a PDF without text")
    first = next(line.strip() for line in text.splitlines() if line.strip())
    return read_plain(text, title or first[:120])
