"""Languages and countries in the notations of providers that don't take ISO codes as they are.

Providers with a closed list refuse a whole request for a code outside of it, so what isn't in the
list isn't sent.
"""

from typing import Final

_BRAVE_LANGUAGES = """ar bg bn ca cs da de el en es et eu fi fr gl gu he hi hr hu is it kn ko lt lv
    ml mr ms nb nl pa pl ro ru sk sl sr sv ta te th tr uk vi"""
_BRAVE_COUNTRIES = """AR AT AU BE BR CA CH CL CN DE DK ES FI FR GB HK ID IN IT JP KR MX MY NL NO NZ
    PH PL PT RU SA SE TR TW US ZA"""
LANGUAGES: Final = frozenset(_BRAVE_LANGUAGES.split())
"""Languages that Brave and You.com know by their ISO codes."""
COUNTRIES: Final = frozenset(_BRAVE_COUNTRIES.split())
"""Countries that Brave and You.com know."""


def market_language(language: str | None, country: str | None, *, japanese: str) -> str | None:
    """The language as Brave and You.com write it, in lower case; None when they don't know it.

    They tell apart two kinds of Chinese and of Portuguese, by where the reader is, and disagree
    about the code of Japanese.
    """
    code, place = (language or "").lower(), (country or "").upper()
    if code == "zh":
        return "zh-hant" if place in ("TW", "HK") else "zh-hans"
    if code == "pt":
        return "pt-br" if place == "BR" else "pt-pt"
    if code == "en" and place == "GB":
        return "en-gb"
    if code == "no":
        return "nb"
    if code == "ja":
        return japanese
    return code if code in LANGUAGES else None


def market_country(country: str | None) -> str | None:
    """The country in capitals; None when Brave and You.com don't know it."""
    code = (country or "").upper()
    return code if code in COUNTRIES else None


_NAMES = """AE united arab emirates|AR argentina|AT austria|AU australia|BD bangladesh|BE belgium
    |BG bulgaria|BR brazil|CA canada|CH switzerland|CL chile|CN china|CO colombia|CR costa rica
    |CY cyprus|CZ czech republic|DE germany|DK denmark|DZ algeria|EC ecuador|EE estonia|EG egypt
    |ES spain|ET ethiopia|FI finland|FR france|GB united kingdom|GE georgia|GH ghana|GR greece
    |HR croatia|HU hungary|ID indonesia|IE ireland|IL israel|IN india|IQ iraq|IR iran|IS iceland
    |IT italy|JM jamaica|JO jordan|JP japan|KE kenya|KH cambodia|KR south korea|KW kuwait
    |KZ kazakhstan|LB lebanon|LK sri lanka|LT lithuania|LU luxembourg|LV latvia|MA morocco
    |MD moldova|MT malta|MX mexico|MY malaysia|NG nigeria|NL netherlands|NO norway|NP nepal
    |NZ new zealand|PA panama|PE peru|PH philippines|PK pakistan|PL poland|PT portugal|PY paraguay
    |QA qatar|RO romania|RS serbia|RU russia|SA saudi arabia|SE sweden|SG singapore|SI slovenia
    |SK slovakia|SN senegal|TH thailand|TN tunisia|TR turkey|TW taiwan|TZ tanzania|UA ukraine
    |UG uganda|US united states|UY uruguay|UZ uzbekistan|VE venezuela|VN vietnam|ZA south africa
    |ZM zambia|ZW zimbabwe"""
NAMES: Final = {entry.strip()[:2]: " ".join(entry.split()[1:]) for entry in _NAMES.split("|")}
"""English names of countries in lower case, as Tavily wants them."""
