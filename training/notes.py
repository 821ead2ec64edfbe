"""Invented notes: small texts about projects, rooms, pets, codes, people who never lived.

They teach reading in general. Values are drawn from wide pools and invented names, so that no
note can be answered from memory; a share of attributes is met only when the model is measured.
"""

from __future__ import annotations

from random import Random

from training.facts import Attribute, Fact, Subject, an, attribute
from training.names import Names
from training.note_kinds import KINDS, NOUNS, NOUNS_HELD, PEOPLE_ROWS

CITIES = "Lisbon Oslo Graz Turin Lyon Bergen Porto Ghent Leeds York Basel Bremen Kyoto Quito Lima Perth Cork Riga Split Tampere Malmö Dresden Siena Nantes Boston Austin Denver Toronto Dakar Nairobi Hanoi Pune Busan".split()  # fmt: skip
SYLLABLES = "ba be bri cal dor el fa fen gal hel il jor kar lin lu mar mel nor or pel quin ra ri sol sta ta tel tor u val ve vor wen xan ya zel zor mi no shi ka ler den ford wick ham ton mor".split()  # fmt: skip
WORDS = "tulip heron falcon amber cobalt lantern willow harbor comet pepper marble violet copper ember juniper walnut magnet saffron indigo pebble raven lotus orchid maple quartz nimbus puffin otter badger walrus cedar birch canyon meadow thunder breeze velvet pixel rocket anchor compass beacon summit glacier prairie coral jasmine ginger cactus bamboo hazel clover thistle rowan poppy magpie sparrow lynx bison panther dolphin beetle cricket dragon phoenix griffin titan atlas orion vega nova zenith aurora eclipse horizon mosaic prism cipher matrix vector delta sigma omega".split()  # fmt: skip
TOPICS = "faster billing|clean water|wind power|city maps|old letters|bird song|the night sky|bread ovens|bicycle repair|school lunches|speech recognition|sea ice|street lights|bee keeping|train tickets|data backup|the new website|a haunted house|lost luggage|two sisters|the summer party|hospital beds|solar roofs|paper recycling|safe passwords|the spring harvest|garden tools|measuring rain|sorting mail|making tea|a journey to the north|cutting costs|customer complaints|hiring new people|the annual report|cleaning windows|growing tomatoes|robot arms|quiet engines|voice messages".split("|")  # fmt: skip
THINGS = "glass bottles|wooden toys|shoes|blue cheese|bicycles|maps|kites|solar panels|violins|clocks|paper|pumps|tea|soap|chairs|pottery|robots|lamps|carpets|boats|apple cakes|honey|old bridges|windmills|wool|candles|tiles|drones|sensors|pencils".split("|")  # fmt: skip
ACTIONS = "hire two people|move the launch to June|cancel the trip|buy a new printer|close the old office|raise the price|test the backup|write a new contract|change the logo|call the supplier|paint the hall|start again in May|drop the old plan|double the budget|invite the press|sell the van|keep the name|meet every Monday".split("|")  # fmt: skip
SPOTS = "in the blue drawer|under the stairs|in the cellar|on the top shelf|behind the door|in the red box|next to the printer|in locker {d}|in the garage|on the kitchen table|in the green cabinet|under the bed|in room {d}|at the front desk|by the window|in the attic|in the car|on the second shelf|in the hall closet|beside the fridge|in the basket|on the balcony".split("|")  # fmt: skip
FLOORS = "the first floor|the second floor|the third floor|the fourth floor|the fifth floor|the ground floor|the top floor|the sixth floor".split("|")  # fmt: skip
FOODS = "rice|pears|fish|carrots|oats|walnuts|chicken|cheese|lentils|apples|bread|tuna|peanuts|mushrooms|tea|red wine|cider|milk|plums|honey|spinach|beans|noodles|butter|garlic|lemons|eggs|cinnamon|pumpkin|berries".split("|")  # fmt: skip
ANIMALS = "cat|dog|parrot|hamster|rabbit|tortoise|goldfish|horse|goat|ferret|gecko|canary|terrier|poodle|donkey|duck|snake|hedgehog".split("|")  # fmt: skip
COLOURS = "red|dark blue|green|yellow|grey|white|black|orange|brown|purple|pale pink|silver|turquoise|beige".split("|")  # fmt: skip
HOBBIES = "climbing|chess|painting|old coins|sailing|baking|running|jazz|gardening|astronomy|knitting|fishing|card games|pottery".split("|")  # fmt: skip
ROLES = "lead engineer|office manager|head cook|night nurse|accountant|designer|data analyst|sales manager|gardener|translator|security officer|librarian|pilot|product owner".split("|")  # fmt: skip
SUBJECTS = "biology|law|history|physics|music|economics|medicine|geology|Latin|chemistry|design|philosophy".split("|")  # fmt: skip
TONGUES = "Danish|Polish|Greek|Hindi|Korean|Welsh|Turkish|Czech|Thai|Swahili|Basque|Finnish".split("|")  # fmt: skip
TECHS = "Rust|Python|Go|Kotlin|Erlang|Ada|Haskell|Java|Swift|Elixir|Scala|Zig".split("|")  # fmt: skip
OBJECTS = "spare keys|first-aid kit|projector|coffee machine|label printer|garden hose|tax papers|fire extinguisher|old camera|travel adapter|guest towels|ladder|tool box|sewing machine|safe|bicycle pump|passports|company van|alarm|gate|printer|office fridge|spare tyre|winter coats|router|backup disk|piano|snow shovel|tent|picnic basket|board games|vacuum cleaner|meeting phone|whiteboard|stamp|archive|server rack|parking garage|laundry room|bike shed".split("|")  # fmt: skip
OBJECTS_HELD = "umbrella stand|chess set|microscope|sleeping bags|christmas lights|paper shredder|mailbox|sauna|telescope|garden shed".split("|")  # fmt: skip
MONTHS = "January February March April May June July August September October November December".split()
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
MEETINGS = "the budget meeting|the board meeting|the team lunch|the spring review|the safety training|the book club|the planning day|the budget review|the design review|the parents' evening|the sales call|the weekly meeting|the yoga class|the choir practice|the summer party".split("|")  # fmt: skip
RECIPES = "soup|cake|stew|bread|salad|pie|curry|sauce|pudding|cookies|tart|pancakes".split("|")


def word(rng: Random) -> str:
    """A made-up word such as "Velmora"."""
    return "".join(rng.choice(SYLLABLES) for _ in range(rng.choice((2, 2, 3, 3, 4)))).capitalize()


def value(kind: str, names: Names, rng: Random, test: bool) -> str:
    """A value of a kind; everything that can be invented is."""
    d = rng.randrange
    match kind:
        case "person": return names.invent(rng, test) if rng.random() < 0.8 else names.invent(rng, test).split()[0]
        case "city": return rng.choice(CITIES) if rng.random() < 0.7 else word(rng)
        case "company": return rng.choice((word(rng), f"{word(rng)} {rng.choice(('Labs', 'Works', 'Foods', 'Systems', 'Group'))}"))
        case "day": return rng.choice((f"{rng.choice(DAYS)}", f"{d(1, 29)} {rng.choice(MONTHS)}", f"{rng.choice(MONTHS)} {d(1, 29)}", f"{rng.choice(DAYS)} at {d(8, 19)}:{rng.choice(('00', '15', '30', '45'))}"))
        case "year": return str(d(1850, 2027))
        case "money": return f"{d(1, 999)}{rng.choice(('', '', '0', ',000', ',500'))} {rng.choice(('euros', 'dollars', 'pounds', 'francs'))}"
        case "number": return rng.choice((str(d(20, 999)), f"{d(1, 99)},{d(100, 999)}"))
        case "small": return str(d(2, 91))
        case "pin": return str(d(1000, 9999)) if rng.random() < 0.6 else f"{rng.choice(WORDS)}{d(10, 99)}"
        case "secret": return f"{rng.choice(WORDS)}-{d(10, 99)}" if rng.random() < 0.6 else f"{rng.choice('ABCDEFGHJKLMNPQRSTXZ')}{rng.choice('ABCDEFGHJKLMNPQRSTXZ')}-{d(100, 9999)}"
        case "word": return rng.choice(WORDS).capitalize() if rng.random() < 0.6 else word(rng)
        case "phone": return f"{d(200, 999)} {d(1000, 9999)}"
        case "room": return rng.choice((f"room {d(1, 400)}", f"the {rng.choice(WORDS)} room", f"{rng.choice(WORDS).capitalize()} Hall"))
        case "spot": return rng.choice(SPOTS).replace("{d}", str(d(2, 99)))
        case "floor": return rng.choice(FLOORS)
        case "gadget": return f"{word(rng)} {d(2, 99)}" if rng.random() < 0.5 else word(rng)
        case "pet": return f"{rng.choice(ANIMALS)} called {rng.choice(WORDS).capitalize()}"
        case "award": return f"{word(rng)} {rng.choice(('Prize', 'Medal', 'Award'))}"
        case "arole": return an(rng.choice(ROLES))
        case "food": return rng.choice(FOODS)
        case "foods": return f"{rng.choice(FOODS)}, {rng.choice(FOODS)} and {rng.choice(FOODS)}"
    pools = {"topic": TOPICS, "thing": THINGS, "action": ACTIONS, "animal": ANIMALS, "colour": COLOURS,
             "hobby": HOBBIES, "role": ROLES, "subject": SUBJECTS, "tongue": TONGUES, "tech": TECHS}  # fmt: skip
    return rng.choice(pools[kind])


def name(kind: str, names: Names, rng: Random, test: bool) -> str:
    """What the subject of a note is called."""
    w, made = rng.choice(WORDS).capitalize(), word(rng)
    match kind:
        case "project": return rng.choice((f"Project {w}", f"Project {made}", f"the {w} project", f"Operation {w}", made))
        case "company": return rng.choice((made, f"{made} {rng.choice(('Labs', 'Works', 'Foods', 'Systems', 'Group', 'Ltd'))}", f"{w} {rng.choice(('Labs', 'Bikes', 'Coffee', 'Bank'))}"))
        case "room": return rng.choice((f"room {rng.randrange(1, 500)}", f"the {w} room", f"{w} Hall", f"the {made} office", f"Studio {rng.randrange(1, 30)}"))
        case "pet": return rng.choice((w, made, names.invent(rng, test).split()[0]))
        case "meeting": return rng.choice(MEETINGS) if rng.random() < 0.6 else f"the {w} {rng.choice(('meeting', 'workshop', 'review'))}"
        case "gadget": return rng.choice((f"the {made} {rng.randrange(2, 99)}", f"the {made}", f"the {w} {rng.randrange(2, 99)}", made))
        case "thing": return f"the {rng.choice(OBJECTS_HELD if test else OBJECTS)}"
        case "place": return made
        case "recipe": return rng.choice((f"{w} {rng.choice(RECIPES)}", f"{made} {rng.choice(RECIPES)}", f"the {rng.choice(FOODS)} {rng.choice(RECIPES)}"))
        case "book": return rng.choice((f"The {w} {rng.choice(WORDS).capitalize()}", f"The {rng.choice(WORDS).capitalize()} of {made}", f"{w} and {rng.choice(WORDS).capitalize()}"))
    return names.invent(rng, test)


def rows(text: str) -> list[tuple[Attribute, str]]:
    found = []
    for line in text.strip().splitlines():
        key, questions, query, tellings, unknown, kind = (part.strip() for part in line.split(";"))
        *trained, last = questions.split("|")
        held = last if len(trained) > 1 else ""
        found.append((attribute(key, "|".join(trained) if held else questions, f"{{n}} {query}".strip(), tellings, unknown, held), kind))
    return found


def plural(attr: Attribute) -> Attribute:
    """The attribute worded for several things: "Where are the spare keys?"."""

    def many(text: str) -> str:
        for one, more in (("is {n}", "are {n}"), ("{n} is", "{n} are"), ("was {n}", "were {n}"), ("{n} was", "{n} were"),
                          ("does {n}", "do {n}"), ("{n} has", "{n} have"), ("did {n}", "did {n}")):  # fmt: skip
            text = text.replace(one, more)
        return text

    return Attribute(attr.key, tuple(map(many, attr.questions)), tuple(map(many, attr.held)), attr.queries,
                     tuple(map(many, attr.tellings)), many(attr.unknown))  # fmt: skip


SCHEMA = {kind: rows(text) for kind, text in KINDS.items()} | {"someone": rows(PEOPLE_ROWS)}


def generic(noun: str) -> Attribute:
    """The attribute "the NOUN of X", for any noun."""
    return attribute(
        noun,
        f"What is the {noun} of {{n}}? | What is {{n}}'s {noun}? | Tell me the {noun} of {{n}}. | Which {noun} does {{n}} have?",
        f"{{n}} {noun}",
        f"The {noun} of {{n}} is {{v}}. | {{n}}'s {noun} is {{v}}. | {{n}} has the {noun} {{v}}. | The {noun} is {{v}}.",
        f"the {noun} of {{n}}",
        held=f"Please tell me {{n}}'s {noun}. | Do you know the {noun} of {{n}}?",
    )


def subject(
    names: Names, rng: Random, test: bool = False, most: int = 4, kind: str = "", must: str = ""
) -> Subject:
    """An invented thing or person with one to `most` facts, and questions it does not answer.

    `kind` and `must` (the key of an attribute) ask for a rival of another subject.
    """
    kind = kind or rng.choice((*SCHEMA, "someone", "thing"))
    title = name(kind, names, rng, test)
    pool = list(SCHEMA[kind])
    nouns = NOUNS_HELD if test and rng.random() < 0.5 else NOUNS
    for noun in rng.sample(nouns, 5):
        if rng.random() < 0.5:
            pool.append((generic(noun), rng.choice(("person", "word", "secret", "number", "word", "colour", "city", "spot"))))
    rng.shuffle(pool)
    pool.sort(key=lambda pair: pair[0].key != must)
    count = rng.choice((1, 1, 2, 2, 3, most))
    told, missing = pool[:count], [attr for attr, _ in pool[count:]]
    told.sort(key=lambda pair: pair[0].key != "is")
    if kind == "thing" and title.endswith("s"):
        told, missing = [(plural(attr), wanted) for attr, wanted in told], [plural(attr) for attr in missing]
    facts = []
    for at, (attr, wanted) in enumerate(told):
        v = value(wanted, names, rng, test)
        sentence = attr.tell(title, v, rng)
        if at == 0:
            for _ in range(8):
                if title.lower() in sentence.lower():
                    break
                sentence = attr.tell(title, v, rng)
        facts.append(Fact(attr, v, sentence))
    return Subject(title, tuple(facts), tuple(missing), kind)
