# ruff: noqa: E501, SIM905
"""Values for invented notes: days, sums, codes, places, people; whatever can be invented is."""

from __future__ import annotations

from random import Random

from training.facts import an
from training.names import Names
from training.nouns import noun

CITIES = "Lisbon Oslo Graz Turin Lyon Bergen Porto Ghent Leeds York Basel Bremen Kyoto Quito Lima Perth Cork Riga Split Tampere Malmö Dresden Siena Nantes Boston Austin Denver Toronto Dakar Nairobi Hanoi Pune Busan".split()
SYLLABLES = "ba be bri cal dor el fa fen gal hel il jor kar lin lu mar mel nor or pel quin ra ri sol sta ta tel tor u val ve vor wen xan ya zel zor mi no shi ka ler den ford wick ham ton mor".split()
WORDS = "tulip heron falcon amber cobalt lantern willow harbor comet pepper marble violet copper ember juniper walnut magnet saffron indigo pebble raven lotus orchid maple quartz nimbus puffin otter badger walrus cedar birch canyon meadow thunder breeze velvet pixel rocket anchor compass beacon summit glacier prairie coral jasmine ginger cactus bamboo hazel clover thistle rowan poppy magpie sparrow lynx bison panther dolphin beetle cricket dragon phoenix griffin titan atlas orion vega nova zenith aurora eclipse horizon mosaic prism cipher matrix vector delta sigma omega".split()
TOPICS = "faster billing|clean water|wind power|city maps|old letters|bird song|the night sky|bread ovens|bicycle repair|school lunches|speech recognition|sea ice|street lights|bee keeping|train tickets|data backup|the new website|a haunted house|lost luggage|two sisters|the summer party|hospital beds|solar roofs|paper recycling|safe passwords|the spring harvest|garden tools|measuring rain|sorting mail|making tea|a journey to the north|cutting costs|customer complaints|hiring new people|the annual report|cleaning windows|growing tomatoes|robot arms|quiet engines|voice messages".split(
    "|"
)
THINGS = "glass bottles|wooden toys|shoes|blue cheese|bicycles|maps|kites|solar panels|violins|clocks|paper|pumps|tea|soap|chairs|pottery|robots|lamps|carpets|boats|apple cakes|honey|old bridges|windmills|wool|candles|tiles|drones|sensors|pencils".split(
    "|"
)
ACTIONS = "hire two people|move the launch to June|cancel the trip|buy a new printer|close the old office|raise the price|test the backup|write a new contract|change the logo|call the supplier|paint the hall|start again in May|drop the old plan|double the budget|invite the press|sell the van|keep the name|meet every Monday".split(
    "|"
)
SPOTS = "in the blue drawer|under the stairs|in the cellar|on the top shelf|behind the door|in the red box|next to the printer|in locker {d}|in the garage|on the kitchen table|in the green cabinet|under the bed|in room {d}|at the front desk|by the window|in the attic|in the car|on the second shelf|in the hall closet|beside the fridge|in the basket|on the balcony".split(
    "|"
)
FLOORS = "the first floor|the second floor|the third floor|the fourth floor|the fifth floor|the ground floor|the top floor|the sixth floor".split(
    "|"
)
FOODS = "rice|pears|fish|carrots|oats|walnuts|chicken|cheese|lentils|apples|bread|tuna|peanuts|mushrooms|tea|red wine|cider|milk|plums|honey|spinach|beans|noodles|butter|garlic|lemons|eggs|cinnamon|pumpkin|berries".split(
    "|"
)
ANIMALS = "cat|dog|parrot|hamster|rabbit|tortoise|goldfish|horse|goat|ferret|gecko|canary|terrier|poodle|donkey|duck|snake|hedgehog".split(
    "|"
)
COLOURS = "red|dark blue|green|yellow|grey|white|black|orange|brown|purple|pale pink|silver|turquoise|beige".split(
    "|"
)
HOBBIES = "climbing|chess|painting|old coins|sailing|baking|running|jazz|gardening|astronomy|knitting|fishing|card games|pottery".split(
    "|"
)
ROLES = "lead engineer|office manager|head cook|night nurse|accountant|designer|data analyst|sales manager|gardener|translator|security officer|librarian|pilot|product owner".split(
    "|"
)
SUBJECTS = "biology|law|history|physics|music|economics|medicine|geology|Latin|chemistry|design|philosophy".split(
    "|"
)
TONGUES = "Danish|Polish|Greek|Hindi|Korean|Welsh|Turkish|Czech|Thai|Swahili|Basque|Finnish".split(
    "|"
)
TECHS = "Rust|Python|Go|Kotlin|Erlang|Ada|Haskell|Java|Swift|Elixir|Scala|Zig".split("|")
OBJECTS = "spare keys|first-aid kit|projector|coffee machine|label printer|garden hose|tax papers|fire extinguisher|old camera|travel adapter|guest towels|ladder|tool box|sewing machine|safe|bicycle pump|passports|company van|alarm|gate|printer|office fridge|spare tyre|winter coats|router|backup disk|piano|snow shovel|tent|picnic basket|board games|vacuum cleaner|meeting phone|whiteboard|stamp|archive|server rack|parking garage|laundry room|bike shed".split(
    "|"
)
OBJECTS_HELD = "umbrella stand|chess set|microscope|sleeping bags|christmas lights|paper shredder|mailbox|sauna|telescope|garden shed".split(
    "|"
)
MONTHS = (
    "January February March April May June July August September October November December".split()
)
SMALL = "two three four five six seven eight nine ten eleven twelve".split()
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
MEETINGS = "the budget meeting|the board meeting|the team lunch|the spring review|the safety training|the book club|the planning day|the budget review|the design review|the parents' evening|the sales call|the weekly meeting|the yoga class|the choir practice|the summer party".split(
    "|"
)
RECIPES = "soup|cake|stew|bread|salad|pie|curry|sauce|pudding|cookies|tart|pancakes".split("|")


MORE = {
    "food": ("dish", "vegetable"),
    "animal": ("bird", "breed"),
    "hobby": ("sport", "game"),
    "role": ("trade",),
    "colour": ("shade",),
}
"""Kinds of nouns that are values of a kind too."""


def word(rng: Random) -> str:
    """A made-up word such as "Velmora"."""
    return "".join(rng.choice(SYLLABLES) for _ in range(rng.choice((2, 2, 3, 3, 4)))).capitalize()


def value(kind: str, names: Names, rng: Random, test: bool) -> str:
    """A value of a kind; everything that can be invented is."""
    d = rng.randrange
    if kind in {"topic", "thing", "action", "word", "spot"} and rng.random() < 0.3:
        return names.phrase(rng, test, 3)
    if kind in MORE and rng.random() < 0.5:
        return noun(rng.choice(MORE[kind]), rng)
    match kind:
        case "person":
            return (
                names.invent(rng, test)
                if rng.random() < 0.8
                else names.invent(rng, test).split()[0]
            )
        case "city":
            return rng.choice(CITIES) if rng.random() < 0.7 else word(rng)
        case "company":
            return rng.choice(
                (
                    word(rng),
                    f"{word(rng)} {rng.choice(('Labs', 'Works', 'Foods', 'Systems', 'Group'))}",
                )
            )
        case "day":
            return rng.choice(
                (
                    f"{rng.choice(DAYS)}",
                    f"{d(1, 29)} {rng.choice(MONTHS)}",
                    f"{rng.choice(MONTHS)} {d(1, 29)}",
                    f"{rng.choice(DAYS)} at {d(8, 19)}:{rng.choice(('00', '15', '30', '45'))}",
                )
            )
        case "year":
            return str(d(1850, 2027))
        case "money":
            return f"{d(1, 999)}{rng.choice(('', '', '0', ',000', ',500'))} {rng.choice(('euros', 'dollars', 'pounds', 'francs'))}"
        case "number":
            return rng.choice((str(d(20, 999)), f"{d(1, 99)},{d(100, 999)}"))
        case "small":
            return str(d(2, 91))
        case "pin":
            return str(d(1000, 9999)) if rng.random() < 0.6 else f"{rng.choice(WORDS)}{d(10, 99)}"
        case "secret":
            return (
                f"{rng.choice(WORDS)}-{d(10, 99)}"
                if rng.random() < 0.6
                else f"{rng.choice('ABCDEFGHJKLMNPQRSTXZ')}{rng.choice('ABCDEFGHJKLMNPQRSTXZ')}-{d(100, 9999)}"
            )
        case "word":
            return rng.choice(WORDS).capitalize() if rng.random() < 0.6 else word(rng)
        case "phone":
            return f"{d(200, 999)} {d(1000, 9999)}"
        case "room":
            return rng.choice(
                (
                    f"room {d(1, 400)}",
                    f"the {rng.choice(WORDS)} room",
                    f"{rng.choice(WORDS).capitalize()} Hall",
                )
            )
        case "spot":
            return rng.choice(SPOTS).replace("{d}", str(d(2, 99)))
        case "floor":
            return rng.choice(FLOORS)
        case "gadget":
            return f"{word(rng)} {d(2, 99)}" if rng.random() < 0.5 else word(rng)
        case "pet":
            return f"{rng.choice(ANIMALS)} called {rng.choice(WORDS).capitalize()}"
        case "award":
            return f"{word(rng)} {rng.choice(('Prize', 'Medal', 'Award'))}"
        case "arole":
            return an(rng.choice(ROLES))
        case "food":
            return rng.choice(FOODS)
        case "foods":
            return f"{rng.choice(FOODS)}, {rng.choice(FOODS)} and {rng.choice(FOODS)}"
    pools = {
        "topic": TOPICS,
        "thing": THINGS,
        "action": ACTIONS,
        "animal": ANIMALS,
        "colour": COLOURS,
        "hobby": HOBBIES,
        "role": ROLES,
        "subject": SUBJECTS,
        "tongue": TONGUES,
        "tech": TECHS,
    }
    return rng.choice(pools[kind])
