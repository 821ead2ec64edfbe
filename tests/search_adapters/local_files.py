"""Files to index: made by hand, so that a test sees what is in them."""

import gzip
import json
from pathlib import Path


def pdf(path: Path, *lines: str, title: str = "") -> None:
    """The smallest PDF that shows `lines` on one page, by its bytes."""
    drawn = "".join(
        f"BT /F1 12 Tf 50 {760 - 16 * n} Td ({line}) Tj ET\n" for n, line in enumerate(lines)
    )
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R"
        " /Resources << /Font << /F1 5 0 R >> >> >>",
        f"<< /Length {len(drawn)} >>\nstream\n{drawn}endstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        f"<< /Title ({title}) >>",
    ]
    data = b"%PDF-1.4\n"
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(data))
        data += f"{number} 0 obj\n{body}\nendobj\n".encode("latin-1")
    start = len(data)
    data += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    data += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    data += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R /Info 6 0 R >>\n".encode()
    path.write_bytes(data + f"startxref\n{start}\n%%EOF\n".encode())


ARTICLES = [
    (
        "Ada Brankovic",
        "Ada Brankovic (3 May 1911 – 1987) was a Velian composer. She was born in Tarn, the"
        " daughter of a lens maker. Her first opera was staged in 1933. "
        + "She wrote four operas. "
        * 20,
    ),
    (
        "Brankovic Museum",
        "The museum keeps the letters of Ada Brankovic. A model of her birthplace stands in the"
        " hall. Birthplace tours begin at the birthplace gate.",
    ),
    ("Tarn", "Tarn is a town in Velia. Lenses are made in Tarn. Its river is the Or."),
    (
        "Velia",
        "Velia is a country. The capital of Velia is Omsk-on-Or. Velia has 2 million people.",
    ),
    ("Mercury (planet)", "Mercury is the planet nearest the Sun."),
    ("Freddie Mercury", "Freddie Mercury was a singer born in Stone Town."),
    ("Orson Welles", "Orson Welles was a film maker. He was born in Kenosha."),
    ("東京", "東京は日本の首都である。人口は約1400万人。皇居は千代田区にある。"),
    ("Château de Brézé", "The château stands near Saumur; its moats are eighteen metres deep."),
    ("The Who", "The Who are a band from London."),
    ("C++", "C++ is a programming language made by Bjarne Stroustrup."),
]


def encyclopedia(path: Path, extra: int = 0) -> Path:
    rows = [
        *ARTICLES,
        *((f"Village {n}", f"Village {n} was born of a ford.") for n in range(extra)),
    ]
    with gzip.open(path, "wt", encoding="utf-8") as lines:
        for title, text in rows:
            url = "https://encyclopedia.example/" + title.replace(" ", "_")
            row = {"title": title, "url": url, "site": "encyclopedia", "date": None, "text": text}
            lines.write(json.dumps(row) + "\n")
    return path
