# ruff: noqa: E501
"""Sensible questions that no article answers: what nobody wrote down about what is well known.

Asked of people, countries and elements, known or not, so that "I don't know" is learnt of the
question and not of the name. Wordings that measure are left out (`asking.measured`).
"""

from __future__ import annotations

from functools import cache

from training.asking import folded, measured
from training.facts import Attribute

NOUNS = {
    "person": "shoe size|favourite colour|blood type|middle name|phone number|eye colour|star sign|first car|favourite song|salary|weight|religion|political party|nickname|dog|best friend|favourite dish|favourite film|favourite book|first job|grandfather|father|sister|brother|cousin|neighbour|teacher|email address|street|house number|birthday party|favourite number|hair colour|native dialect|school grade|doctor|lawyer|manager|agent|bank|bicycle|hat size|passport number|lucky charm|motto|last words|wedding day|honeymoon|diet|allergy|tattoo|signature|coat of arms|horse|cat|garden|landlord|accent|exam result|driving licence|insurance number|library card|favourite team|favourite drink",
    "country": "national dish|national bird|national flower|time zone|dialling code|longest river|motto|army|flag|oldest university|largest lake|internet domain|voting age|literacy rate|birth rate|main export|railway network|patron saint|highest building|oldest bridge|most popular sport|speed limit|average wage|tallest tree|coldest town|emergency number|mains voltage|national holiday|largest airport|constitution",
    "element": "density|boiling point|colour|hardness|smell|half-life|melting point|price|specific heat|crystal structure|main use|electrical resistance|taste|largest mine|yearly production|toxicity|oxidation state|electron configuration|conductivity|spectral line|share in the earth's crust|isotopes|main ore|hazard class",
}
CLAUSES = {
    "person": "Where did {n} die?; where {n} died|Where is {n} buried?; where {n} is buried|How many languages does {n} speak?; how many languages {n} speaks|Which instrument does {n} play?; which instrument {n} plays|Who taught {n}?; who taught {n}|What did {n} eat for breakfast?; what {n} ate for breakfast|How did {n} die?; how {n} died|Why did {n} leave home?; why {n} left home|How many books has {n} read?; how many books {n} has read|Where did {n} meet the queen?; where {n} met the queen|What does {n} fear most?; what {n} fears most|How fast can {n} run?; how fast {n} can run|Which car does {n} drive?; which car {n} drives|When did {n} marry?; when {n} married|How many siblings does {n} have?; how many siblings {n} has|Who paid for {n}'s house?; who paid for {n}'s house|What did {n} say to the press?; what {n} said to the press|Is {n} left-handed?; whether {n} is left-handed|Which team does {n} support?; which team {n} supports|What is {n} allergic to?; what {n} is allergic to|Where did {n} go on holiday?; where {n} went on holiday|When did {n} last visit Paris?; when {n} last visited Paris|How old was {n} at school?; how old {n} was at school|Who inspired {n}?; who inspired {n}|Which prizes did {n} refuse?; which prizes {n} refused",
    "country": "How many trains are there in {n}?; how many trains there are in {n}|Who wrote the anthem of {n}?; who wrote the anthem of {n}|When was {n} founded?; when {n} was founded|What do people eat in {n}?; what people eat in {n}|How long is the coast of {n}?; how long the coast of {n} is|How many schools does {n} have?; how many schools {n} has|What is the weather like in {n}?; what the weather is like in {n}|Who was the first president of {n}?; who the first president of {n} was|How many cows are there in {n}?; how many cows there are in {n}|Which side of the road do people drive on in {n}?; which side people drive on in {n}|What does a loaf of bread cost in {n}?; what a loaf of bread costs in {n}|Who won the last election in {n}?; who won the last election in {n}|How old is {n}?; how old {n} is",
    "element": "At what temperature does {n} boil?; at what temperature {n} boils|What is {n} used for?; what {n} is used for|How much {n} is there in the sea?; how much {n} there is in the sea|What does {n} look like?; what {n} looks like|Is {n} poisonous?; whether {n} is poisonous|Where is {n} mined?; where {n} is mined|How is {n} made?; how {n} is made|How dense is {n}?; how dense {n} is|When was {n} discovered?; when {n} was discovered|What does {n} react with?; what {n} reacts with|How much does a kilo of {n} cost?; what a kilo of {n} costs",
}
ASKED = (
    "What is {n}'s {p}?",
    "What is the {p} of {n}?",
    "What's {n}'s {p}?",
    "What was {n}'s {p}?",
    "Tell me the {p} of {n}.",
    "Do you know {n}'s {p}?",
    "{n}'s {p}?",
    "Which {p} does {n} have?",
    "Can you tell me {n}'s {p}?",
    "What is known about the {p} of {n}?",
)


@cache
def attributes(kind: str) -> tuple[Attribute, ...]:
    """What is not told of a person, a country or an element."""
    found = []
    for noun in NOUNS[kind].split("|"):
        ways = tuple(way.replace("{p}", noun) for way in ASKED)
        found.append(_made(noun, ways, f"{{n}} {noun}", f"the {noun} of {{n}}"))
    for row in CLAUSES[kind].split("|"):
        asked, unknown = (part.strip() for part in row.split(";"))
        found.append(_made(unknown, (asked,), "", unknown))
    return tuple(each for each in found if each.questions)


def _made(key: str, ways: tuple[str, ...], query: str, unknown: str) -> Attribute:
    asked = tuple(way for way in ways if folded(way) not in measured())
    return Attribute(f"absent {key}", asked, (), (query,) if query else (), (), unknown)
