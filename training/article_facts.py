# ruff: noqa: E501
"""What openings of encyclopedia articles tell of people and films: how to ask, and how to find it."""

from __future__ import annotations

from training import attributes as a
from training.facts import Attribute
from training.paraphrases import taught as attribute

NAME = r"[A-ZÀ-Þ][\w'’.-]*"
_NAMES = rf"{NAME}(?: (?:(?:of|de|von|van|der|la|and|the) )?{NAME})*"
_TWO = rf"{NAME}(?: {NAME}){{1,3}}"

FATHER = attribute(
    "father",
    "Who was the father of {n}? | Who is {n}'s father? | What was the name of {n}'s father? | Whose child was {n}?",
    "{n} father",
    "The father of {n} was {v}.",
    "who the father of {n} is",
)
GREW_UP = attribute(
    "grew_up",
    "Where did {n} grow up? | Where was {n} raised? | In which place did {n} grow up? | Where did {n} spend the childhood?",
    "{n} childhood",
    "{n} grew up in {v}.",
    "where {n} grew up",
)
KNOWN_FOR = attribute(
    "known_for",
    "What is {n} best known for? | What is {n} known for? | What is {n} famous for? | Why do people know {n}?",
    "{n} known for",
    "{n} is best known for {v}.",
    "what {n} is known for",
)
PLAYED = attribute(
    "played",
    "Which team does {n} play for? | Which club did {n} play for? | For whom did {n} play?",
    "{n} team",
    "{n} played for {v}.",
    "which team {n} plays for",
)
FOUNDED = attribute(
    "founded",
    "What did {n} found? | Which organisation did {n} found? | What was founded by {n}?",
    "{n} founder",
    "{n} founded {v}.",
    "what {n} founded",
)
DEATH_PLACE = attribute(
    "death_place",
    "Where did {n} die? | In which city did {n} die? | What was the place of {n}'s death?",
    "{n} death place",
    "{n} died in {v}.",
    "where {n} died",
)
INSTRUMENT = attribute(
    "instrument",
    "Which instrument does {n} play? | What instrument did {n} play? | What does {n} play?",
    "{n} instrument",
    "{n} plays the {v}.",
    "which instrument {n} plays",
)
DIRECTOR = attribute(
    "director",
    "Who directed {n}? | Who is the director of {n}? | By whom was {n} directed? | Who made {n}?",
    "{n} director",
    "{n} was directed by {v}.",
    "who directed {n}",
)
WRITER = attribute(
    "writer",
    "Who wrote {n}? | Who is the writer of {n}? | By whom was {n} written?",
    "{n} writer",
    "{n} was written by {v}.",
    "who wrote {n}",
)
PRODUCER = attribute(
    "producer",
    "Who produced {n}? | Who is the producer of {n}? | By whom was {n} produced?",
    "{n} producer",
    "{n} was produced by {v}.",
    "who produced {n}",
)
STAR = attribute(
    "star",
    "Who stars in {n}? | Who is in {n}? | Which actor plays in {n}? | Who acted in {n}?",
    "{n} cast",
    "{n} stars {v}.",
    "who stars in {n}",
)
OUT = attribute(
    "released",
    "When did {n} come out? | In which year was {n} released? | When was {n} released? | What year is {n} from?",
    "{n} release",
    "{n} came out in {v}.",
    "when {n} came out",
)
BASIS = attribute(
    "basis",
    "What is {n} based on? | On what is {n} based? | Where does the story of {n} come from?",
    "{n} based on",
    "{n} is based on {v}.",
    "what {n} is based on",
)
DISTRIBUTOR = attribute(
    "distributor",
    "Who distributed {n}? | By whom was {n} released? | Which company released {n}?",
    "{n} distributor",
    "{n} was distributed by {v}.",
    "who distributed {n}",
)
_COUNT = "two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
OF_PEOPLE: tuple[tuple[Attribute, str], ...] = (
    (a.CITY, rf"\bborn(?: and raised)?(?: on [^,.;()]+?| in \d{{4}})? (?:in|at) (?:the (?:city|town|village) of )?({NAME}(?: {NAME})*)"),
    (DEATH_PLACE, rf"\bdied(?: [^,.;()]*?)? (?:in|at) ({_NAMES})"),
    (GREW_UP, rf"(?:\braised|grew up|brought up|spent (?:his|her|most of his|most of her) (?:childhood|youth))(?: [a-z]+)?,? in ({_NAMES})"),
    (a.HOME, rf"(?:\blives|\bresides|\bsettled|\bliving|now based)(?: [a-z]+)? in ({_NAMES})"),
    (a.SCHOOL, rf"(?:\bstudied(?: [a-z ]+)? (?:at|in)|\battended|educated (?:at|in)|graduated from|graduate of|degree(?: [a-z ]+)? (?:from|at)|enrolled (?:in|at)) (?:the )?({_NAMES})"),
    (a.SPOUSE, rf"(?:\bmarried(?: to)?|\bwife of|\bhusband of)(?: (?:the|an?) [a-z ]+| actor| actress| singer| fellow [a-z]+)? ({_TWO})"),
    (a.PRIZE, rf"(?:\bwon|\breceived|\bawarded|recipient of)(?: [a-z]+)? (?:the|an?) (?:\d{{4}} )?((?:{NAME} |for |in |of |and )*?{NAME} ?(?:Prize|Award|Medal|Cup|Championship|Trophy|Championships)s?(?: (?:for|in) {_NAMES})?)"),
    (a.CHILDREN, rf"\b(?:had|has|have|father of|mother of|parents? of|raised|together,) ({_COUNT}) children"),
    (a.MOTHER, rf"(?:\bmother,? (?:was )?|(?:son|daughter) of {_NAMES}(?: of {NAME})? and (?:his wife |his second wife )?)({_TWO})"),
    (FATHER, rf"(?:\bfather,? (?:was )?|\b(?:son|daughter|child) of (?:King |Prince |Duke |Count |Emperor )?)({_TWO})"),
    (a.EMPLOYER, rf"(?:\bworks|\bworked|\bworking|employed)(?: as [a-z ]+)? (?:for|at|by) (?:the )?({_NAMES})"),
    (PLAYED, rf"\b(?:plays|played|playing)(?: as an? [a-z ]+)?(?: professionally)? for (?:the )?({_NAMES})"),
    (FOUNDED, rf"\b(?:founded|co-founded|established|founder of|co-founder of) (?:the )?({_NAMES})"),
    (KNOWN_FOR, r"\b(?:best|widely|mostly|primarily|well) known for (?:his |her |the )?([^,.;()]{4,60})"),
    (INSTRUMENT, r"\bplay(?:s|ed)? the ([a-z]+)\b"),
)  # fmt: skip
OF_FILMS: tuple[tuple[Attribute, str], ...] = (
    (DIRECTOR, rf"\bdirected(?: and [a-z-]+)?(?: and [a-z-]+)? by ({_TWO})"),
    (WRITER, rf"\bwritten(?: and [a-z-]+)? by ({_TWO})"),
    (PRODUCER, rf"\bproduced(?: and [a-z-]+)? by ({_TWO})"),
    (STAR, rf"\b(?:starring|stars|featuring|features) ({_TWO})"),
    (OUT, r"\bis an? (\d{4})\b"),
    (BASIS, r"\bbased (?:up)?on ((?:the |a )?[^.;]{6,70})"),
    (DISTRIBUTOR, rf"\b(?:distributed|released)(?: theatrically)?(?: in [A-Z][^,.;]+)? by ({_NAMES})"),
)  # fmt: skip
TOUCHED: dict[str, str] = {
    "city": "born", "country": "born|from", "died": r"died|death|\d\)", "spouse": "marri|wife|husband|spouse|partner|widow",
    "children": "child|son|daughter|father|mother|parent", "height": "tall|height|feet|metres", "mother": "mother|parent|daughter|son of|née",
    "father": "father|parent|daughter|son of", "school": "stud|school|universit|college|educat|graduat|degree|academy",
    "home": r"liv|resid|settle|moved|home|based|grew", "hobby": "hobb|enjoy|fond|passion|collect|free time|interest", "worth": "worth|rich|wealth|million",
    "prize": "prize|award|medal|won|cup|champion|trophy", "employer": "work|employ|join|compan", "instrument": "play|instrument|guitar|piano|violin",
    "grew_up": "grew|rais|brought|childhood|youth|early", "founded": "found|establish|start|creat", "played": "play|team|club|join",
    "director": "direct", "writer": "writ|wrote|screenplay|script|story|by", "producer": "produc", "basis": "based|adapt|novel|story|book|remake|play",
    "distributor": "distribut|released|studio", "star": "star|featur|cast|play", "known_for": "known|famous|best", "death_place": "died|death|killed",
}  # fmt: skip
"""Words after which a question may no longer count as left open, by the attribute's key."""
LEFT_OPEN = (*a.PRIVATE, a.CITY, a.DIED, FATHER, GREW_UP, DEATH_PLACE, FOUNDED, PLAYED, INSTRUMENT)
FILMS_LEFT_OPEN = (WRITER, PRODUCER, BASIS, DISTRIBUTOR, DIRECTOR, STAR)
