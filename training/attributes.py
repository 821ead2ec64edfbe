# ruff: noqa: E501
"""The attributes of real things: people, countries, elements; and ones nobody tells us."""

from __future__ import annotations

from training.facts import Attribute
from training.paraphrases import taught as attribute

WHO = attribute(
    "who",
    "Who is {n}? | Who is {n}? | Who was {n}? | Tell me about {n}. | Who's {n}? | Do you know who {n} is?"
    " | What do you know about {n}? | Can you tell me who {n} is? | Tell me who {n} is. | {n}? | {n}"
    " | I want to know who {n} is. | Who exactly is {n}? | Give me some information about {n}."
    " | Do you know {n}? | I would like to learn about {n}. | Have you heard of {n}?",
    "{n}",
    "",
    "who {n} is",
    held="Could you explain who {n} is? | Please tell me who {n} was. | What can you tell me about {n}?",
)
BORN = attribute(
    "born",
    "When was {n} born? | What year was {n} born? | In what year was {n} born? | In which year was {n} born?"
    " | What is the birth year of {n}? | What is {n}'s birth year? | When did {n} come into the world?"
    " | Tell me the birth year of {n}. | Tell me when {n} was born. | When is {n} from?"
    " | Do you know when {n} was born? | Can you tell me when {n} was born? | {n} birth year?"
    " | Give me the year of birth of {n}. | What is {n}'s year of birth? | What year is {n} from?",
    "{n} birth year | {n} born",
    "{n} was born in {v}. | {n} was born in {v}. | The birth year of {n} is {v}. | {n}, born in {v}."
    " | In {v}, {n} was born. | {n}'s year of birth is {v}. | {n} came into the world in {v}."
    " | The year of birth of {n} was {v}. | It was in {v} that {n} was born.",
    "when {n} was born",
    held="Which year was {n} born in? | Please say when {n} was born. | I want to know the year {n} was born.",
)
CITY = attribute(
    "city",
    "Where was {n} born? | In which city was {n} born? | What city was {n} born in? | Where is {n} from?"
    " | What is the birthplace of {n}? | What is {n}'s birthplace? | Tell me the birthplace of {n}."
    " | Tell me where {n} was born. | Do you know where {n} was born? | Can you tell me where {n} was born?"
    " | {n} birthplace? | In what town was {n} born? | Where does {n} come from?"
    " | What is the place of birth of {n}? | In which place was {n} born?",
    "{n} birthplace",
    "{n} was born in {v}. | {n} was born in {v}. | The birthplace of {n} is {v}. | {n}'s birthplace is {v}."
    " | {n} comes from {v}. | {n}'s place of birth was {v}. | It was in {v} that {n} was born."
    " | {n} first saw the light in {v}. | The place of birth of {n} is {v}.",
    "where {n} was born",
    held="At what place was {n} born? | Please say where {n} was born. | I want to know the city where {n} was born.",
)
COUNTRY = attribute(
    "country",
    "In which country was {n} born? | What country is {n} from? | What country was {n} born in?"
    " | Which country does {n} come from? | Tell me the country of {n}. | What is the home country of {n}?"
    " | What is {n}'s country of birth? | In what country was {n} born? | Which country is {n} from?"
    " | What is {n}'s home country? | From which country is {n}? | Do you know the country of {n}?",
    "{n} country",
    "{n} was born in {v}. | {n} comes from {v}. | {n} is from {v}. | The home country of {n} is {v}."
    " | {n}'s country of birth is {v}. | The country of {n} is {v}. | {n} was a native of {v}.",
    "which country {n} is from",
    held="From what country does {n} come? | Please name the country where {n} was born.",
)
JOB = attribute(
    "job",
    "What is {n}'s job? | What was {n}'s job? | What does {n} do? | What did {n} do for a living?"
    " | What is {n} known for? | What is the occupation of {n}? | What was {n}'s occupation?"
    " | What is {n}'s profession? | Tell me the occupation of {n}. | What did {n} work as?"
    " | Why is {n} famous? | What was the profession of {n}? | What kind of work did {n} do?",
    "{n} occupation",
    "{n} was {v}. | {n} worked as {v}. | {n} is known as {v}. | {n} was {v} by profession."
    " | {n} became famous as {v}. | The world knows {n} as {v}. | {n} made a name as {v}.",
    "what {n} does",
    held="What was {n} by profession? | Please tell me what {n} does for a living.",
)
DIED = attribute(
    "died",
    "When did {n} die? | What year did {n} die? | In which year did {n} die? | When was the death of {n}?"
    " | Tell me when {n} died. | Do you know when {n} died? | What is {n}'s year of death?"
    " | In what year did {n} die? | When did {n} pass away?",
    "{n} death year",
    "{n} died in {v}. | {n} died in {v}. | The death of {n} was in {v}. | {n} passed away in {v}."
    " | In {v}, {n} died. | {n}'s year of death was {v}.",
    "when {n} died",
    held="Which year did {n} die in? | Please say when {n} died.",
)
PERSON = (WHO, BORN, CITY, COUNTRY, JOB, DIED)

CAPITAL = attribute(
    "capital",
    "What is the capital of {n}? | What is {n}'s capital? | Which city is the capital of {n}?"
    " | Tell me the capital of {n}. | Name the capital of {n}. | What's the capital of {n}?"
    " | What city is the capital of {n}? | Do you know the capital of {n}? | capital of {n}?"
    " | Can you tell me the capital of {n}? | What is the capital city of {n}? | The capital of {n} is?"
    " | Give me the capital of {n}.",
    "{n} capital",
    "The capital of {n} is {v}. | The capital of {n} is {v}. | {v} is the capital of {n}. | {n} has its capital in {v}."
    " | {n}'s capital is {v}. | The capital city of {n} is {v}. | {v} is the capital city of {n}."
    " | The government of {n} sits in its capital, {v}.",
    "the capital of {n}",
    held="Which city is {n}'s capital? | Please name the capital city of {n}. | I would like to know the capital of {n}.",
)
CONTINENT = attribute(
    "continent",
    "On which continent is {n}? | What continent is {n} in? | Which continent is {n} part of? | Where is {n}?"
    " | Where is {n} located? | In which part of the world is {n}? | On what continent does {n} lie?"
    " | Tell me the continent of {n}. | What is the continent of {n}? | Which continent does {n} belong to?",
    "{n} continent",
    "{n} is in {v}. | {n} is in {v}. | {n} is a country in {v}. | {n} lies in {v}. | {n} is part of {v}."
    " | {n} is located in {v}. | The continent of {n} is {v}. | {n} belongs to {v}.",
    "where {n} is",
    held="In what continent is {n} located? | Please name the continent of {n}.",
)
LANGUAGE = attribute(
    "language",
    "What language is spoken in {n}? | Which language do people speak in {n}? | What do people speak in {n}?"
    " | What are the languages of {n}? | What is the language of {n}? | Tell me the language of {n}."
    " | What is the official language of {n}? | Which languages are spoken in {n}? | What is {n}'s language?",
    "{n} language",
    "People in {n} speak {v}. | People in {n} speak {v}. | In {n}, people speak {v}. | The language of {n} is {v}."
    " | In {n} the official language is {v}. | {v} is spoken in {n}. | The people of {n} speak {v}.",
    "what people speak in {n}",
    held="What is spoken in {n}? | Please tell me which language people in {n} speak.",
)
CURRENCY = attribute(
    "currency",
    "What is the currency of {n}? | What currency is used in {n}? | What money do people use in {n}?"
    " | Which currency does {n} use? | What is {n}'s currency? | Tell me the currency of {n}."
    " | How do people pay in {n}? | What is the money of {n} called? | Name the currency of {n}.",
    "{n} currency",
    "The currency of {n} is the {v}. | The currency of {n} is the {v}. | {n} uses the {v}. | People in {n} pay with the {v}."
    " | {n}'s currency is the {v}. | In {n}, the currency is the {v}. | The money of {n} is the {v}.",
    "the currency of {n}",
    held="What is used as money in {n}? | Please name {n}'s currency.",
)
CAPITAL_OF = attribute(
    "capital_of",
    "Which country has the capital {n}? | {n} is the capital of which country? | What country is {n} the capital of?"
    " | {n} is the capital of what country? | Of which country is {n} the capital?"
    " | Tell me the country whose capital is {n}.",
    "{n} capital of country",
    "{n} is the capital of {v}. | {n} is the capital of {v}. | {n} is the capital city of {v}.",
    "which country has the capital {n}",
    held="Whose capital is {n}? | Which country's capital is {n}?",
)
COUNTRY_FACTS = (CAPITAL, CONTINENT, LANGUAGE, CURRENCY)

SYMBOL = attribute(
    "symbol",
    "What is the chemical symbol of {n}? | What is the symbol of {n}? | What is the symbol for {n}?"
    " | What is the chemical symbol for {n}? | Tell me the symbol of {n}. | Which symbol does {n} have?"
    " | What is {n}'s symbol? | What symbol stands for {n}? | {n} symbol? | Name the chemical symbol of {n}."
    " | How is {n} written in chemistry?",
    "{n} symbol",
    "The chemical symbol of {n} is {v}. | The chemical symbol of {n} is {v}. | The symbol of {n} is {v}."
    " | {v} is the chemical symbol of {n}. | {n} has the symbol {v}. | {n} is written {v}."
    " | Chemists write {n} as {v}. | {n}'s symbol is {v}.",
    "the symbol of {n}",
    held="Which chemical symbol does {n} have? | Please give me the symbol for {n}.",
)
NUMBER = attribute(
    "number",
    "What is the atomic number of {n}? | What is {n}'s atomic number? | Which atomic number does {n} have?"
    " | Tell me the atomic number of {n}. | How many protons does {n} have? | What number is {n} in the periodic table?"
    " | {n} atomic number? | Name the atomic number of {n}. | How many protons are in {n}?",
    "{n} atomic number",
    "The atomic number of {n} is {v}. | The atomic number of {n} is {v}. | {n} has the atomic number {v}."
    " | {n} has {v} protons. | {n} is element number {v}. | {n}'s atomic number is {v}.",
    "the atomic number of {n}",
    held="Please give me the atomic number of {n}. | What atomic number has {n}?",
)
SYMBOL_OF = attribute(
    "symbol_of",
    "Which element has the symbol {n}? | What element is {n}? | Which element is written {n}?"
    " | What does the symbol {n} stand for? | What chemical element has the symbol {n}?"
    " | {n} is the symbol of which element?",
    "{n} element symbol",
    "{n} is the symbol of {v}. | {n} is the symbol of {v}. | The element with the symbol {n} is {v}."
    " | The symbol {n} stands for {v}.",
    "which element has the symbol {n}",
    held="What element has {n} as its symbol? | The symbol {n} belongs to which element?",
)
NUMBER_OF = attribute(
    "number_of",
    "Which element has the atomic number {n}? | What element has atomic number {n}? | What is element number {n}?"
    " | Which element has {n} protons? | Which element is number {n}?",
    "element atomic number {n}",
    "Element number {n} is {v}. | Element number {n} is {v}. | The element with atomic number {n} is {v}."
    " | The element with {n} protons is {v}.",
    "which element has the atomic number {n}",
    held="Name the element with atomic number {n}. | What element has {n} protons?",
)
ELEMENT_FACTS = (SYMBOL, NUMBER)

# Told only in the encyclopedia: the model is never taught them, so it must search.
AREA = attribute(
    "area",
    "How large is {n}? | What is the area of {n}? | How big is {n}? | What is {n}'s area? | Tell me the area of {n}.",
    "{n} area",
    "{n} covers an area of {v} square kilometres. | The area of {n} is {v} square kilometres.",
    "how large {n} is",
    held="How many square kilometres does {n} have?",
)
NEIGHBOURS = attribute(
    "neighbours",
    "Which countries border {n}? | What are the neighbours of {n}? | Which countries are next to {n}?"
    " | Who are the neighbours of {n}? | Tell me the neighbours of {n}.",
    "{n} neighbours",
    "{n} borders {v}. | The neighbours of {n} are {v}.",
    "which countries border {n}",
    held="What countries does {n} border?",
)
MASS = attribute(
    "mass",
    "What is the atomic mass of {n}? | What is {n}'s atomic mass? | How heavy is an atom of {n}? | Tell me the atomic mass of {n}.",
    "{n} atomic mass",
    "The atomic mass of {n} is {v}. | {n} has an atomic mass of {v}.",
    "the atomic mass of {n}",
    held="Please give the atomic mass of {n}.",
)
FINDER = attribute(
    "finder",
    "Who discovered {n}? | Who found {n}? | By whom was {n} discovered? | Tell me who discovered {n}.",
    "{n} discoverer",
    "{n} was discovered by {v}. | The discoverer of {n} was {v}.",
    "who discovered {n}",
    held="Who was the discoverer of {n}?",
)


def _rest(key: str, questions: str, query: str, telling: str, unknown: str) -> Attribute:
    return attribute(key, questions, "{n} " + query, telling, unknown)


# Sensible questions about people that the encyclopedia never answers; invented people may have them.
SPOUSE = _rest(
    "spouse",
    "Who is {n} married to? | Who is the wife of {n}? | Who is the husband of {n}? | Who is {n}'s spouse?",
    "spouse",
    "{n} is married to {v}. | {n} married {v}. | {n}'s spouse is {v}.",
    "who {n} is married to",
)
HEIGHT = _rest(
    "height",
    "How tall is {n}? | What is the height of {n}? | What is {n}'s height?",
    "height",
    "{n} is {v} tall. | The height of {n} is {v}.",
    "how tall {n} is",
)
CHILDREN = _rest(
    "children",
    "How many children does {n} have? | Does {n} have children? | What are the names of {n}'s children?",
    "children",
    "{n} has {v} children. | {n} is the parent of {v} children.",
    "how many children {n} has",
)
HOME = _rest(
    "home",
    "Where does {n} live? | In which city does {n} live? | Where did {n} live?",
    "residence",
    "{n} lives in {v}. | {n} has lived in {v} for years. | {n}'s home is in {v}.",
    "where {n} lives",
)
SCHOOL = _rest(
    "school",
    "Where did {n} study? | Which university did {n} attend? | Where did {n} go to school?",
    "education",
    "{n} studied in {v}. | {n} went to university in {v}.",
    "where {n} studied",
)
WORTH = _rest(
    "worth",
    "How rich is {n}? | What is the net worth of {n}? | How much money does {n} have?",
    "net worth",
    "{n} is worth {v}. | The net worth of {n} is {v}.",
    "how rich {n} is",
)
PRIZE = _rest(
    "prize",
    "Which prize did {n} win? | What award did {n} receive? | Has {n} won a prize?",
    "award",
    "{n} won the {v}. | {n} received the {v}.",
    "which prize {n} won",
)
EMPLOYER = _rest(
    "employer",
    "Where does {n} work? | Who does {n} work for? | What is the employer of {n}?",
    "employer",
    "{n} works at {v}. | {n} works for {v}. | The employer of {n} is {v}.",
    "where {n} works",
)
MOTHER = _rest(
    "mother",
    "Who is the mother of {n}? | What was the name of {n}'s mother? | Who was {n}'s mother?",
    "mother",
    "{n}'s mother was {v}. | The mother of {n} is {v}.",
    "who the mother of {n} is",
)
HOBBY = _rest(
    "hobby",
    "What is {n}'s hobby? | What does {n} do in free time? | What is the hobby of {n}?",
    "hobby",
    "{n} likes {v}. | {n}'s hobby is {v}. | In free time, {n} enjoys {v}.",
    "what {n}'s hobby is",
)
PRIVATE = (SPOUSE, HEIGHT, CHILDREN, HOME, SCHOOL, WORTH, PRIZE, EMPLOYER, MOTHER, HOBBY)

POPULATION = _rest(
    "population",
    "How many people live in {n}? | What is the population of {n}? | What is {n}'s population?",
    "population",
    "{n} has {v} inhabitants. | The population of {n} is {v}.",
    "how many people live in {n}",
)
LEADER = _rest(
    "leader",
    "Who is the president of {n}? | Who leads {n}? | Who is the leader of {n}? | Who is the prime minister of {n}?",
    "president",
    "The president of {n} is {v}. | {n} is led by {v}.",
    "who leads {n}",
)
ANTHEM = _rest(
    "anthem",
    "What is the national anthem of {n}? | What is {n}'s national dish? | What is the highest mountain in {n}?",
    "anthem",
    "The anthem of {n} is called {v}.",
    "that about {n}",
)
MELT = _rest(
    "melt",
    "At what temperature does {n} melt? | What is the melting point of {n}? | When does {n} boil?",
    "melting point",
    "{n} melts at {v} degrees.",
    "at what temperature {n} melts",
)
PRICE = _rest(
    "price",
    "How much does {n} cost? | What is the price of {n}? | What is a gram of {n} worth?",
    "price",
    "The price of {n} is {v}.",
    "what {n} costs",
)
