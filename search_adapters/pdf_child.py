"""Run by `pdf_reader` as a program: prints title and text of the PDF it is given, as JSON."""

import json
import re
import sys

import pypdfium2

_HYPHENATED = re.compile(r"(?<=\w)[-\u00ad\ufffe]\n(?=[a-zß-ÿ])")


def read(path: str) -> dict[str, str]:
    """Title and text; pages are set apart by blank lines."""
    with pypdfium2.PdfDocument(path) as pdf:
        title = pdf.get_metadata_value("Title")
        pages = []
        for page in pdf:
            text_page = page.get_textpage()
            pages.append(text_page.get_text_bounded().replace("\r\n", "\n"))
            text_page.close()
            page.close()
    return {"title": title, "text": _HYPHENATED.sub("", "\n\n".join(pages))}


if __name__ == "__main__":
    try:
        result = read(sys.argv[1])
    except pypdfium2.PdfiumError as error:
        sys.exit(str(error))
    json.dump(result, sys.stdout)
