# ruff: noqa: E501
"""More ways to ask for what is known: a fact that is asked for in few wordings can't be asked for in a new one.

`FRAMES` wrap what an attribute calls its unknown ("when {n} was born"); `MORE` has wordings of one
attribute. None of them equals a wording that `attributes` keeps for measuring.
"""

from __future__ import annotations

from random import Random

from training import facts
from training.facts import Attribute

FRAMES = """
Tell me {u}. | Do you know {u}? | Can you tell me {u}? | Could you tell me {u}? | Would you tell me {u}?
| I'd like to know {u}. | I want to know {u}. | I need to know {u}. | I wonder {u}. | I was wondering {u}.
| Do you happen to know {u}? | Any idea {u}? | Remind me {u}. | Please remind me {u}. | Quick question: {u}?
| Can you remind me {u}? | Say {u}. | Let me know {u}. | I forgot {u}. | I can't remember {u}.
| Have you any idea {u}? | Would you know {u}? | I am trying to find out {u}. | Help me: {u}?
| My teacher asked me {u}. | For a quiz: {u}? | I have to find out {u}. | Are you able to tell me {u}?
"""

MORE = {
    "who": "Who might {n} be? | So who is {n}? | Who is this {n}? | Who is {n} exactly? | What is {n} famous for? | Who on earth is {n}? | Say something about {n}. | Give me a short description of {n}. | Describe {n}. | Who is the person called {n}? | Who is {n}, please? | Introduce {n} to me. | Information about {n}, please. | I keep hearing about {n}. Who is that? | Ever heard of {n}? | {n}: who is that? | {n}, who is that? | In short, who is {n}? | What do people know about {n}? | Identify {n}.",
    "born": "When did {n}'s life begin? | At what date was {n} born? | {n} was born when? | {n} was born in what year? | {n} was born in which year? | What's {n}'s birth year? | What's the birth year of {n}? | Name the birth year of {n}. | Name {n}'s year of birth. | When was {n}'s birth? | Year of birth of {n}? | In what year did {n} come into the world? | In which year is {n}'s birth? | The birth year of {n}? | Since when has {n} lived? | What was the year of {n}'s birth? | What was {n}'s year of birth? | {n}'s birth year? | {n} born when? | birth year of {n} | Which year saw the birth of {n}? | How long ago was {n} born? | When does {n}'s life start? | Of which year is {n}? | What year did {n} enter the world?",
    "city": "{n} was born where? | {n} was born in which city? | {n} was born in what place? | What town is {n} from? | Which city is {n} from? | Which town does {n} come from? | What's {n}'s birthplace? | What's the birthplace of {n}? | Name the birthplace of {n}. | Name the city in which {n} was born. | Where did {n} come into the world? | What is {n}'s place of birth? | What was {n}'s birthplace? | In which town was {n} born? | Where was the birth of {n}? | What is the native city of {n}? | Birthplace of {n}? | {n}'s birthplace? | What is {n}'s home town? | {n} comes from where? | Which place is {n}'s birthplace? | Where in the world was {n} born? | Where did {n}'s life begin? | place of birth of {n} | Which city did {n} come from?",
    "country": "{n} is from which country? | {n} is from what country? | {n} was born in which country? | {n} comes from which country? | Which country was {n} born in? | What's {n}'s home country? | What's the home country of {n}? | Name the home country of {n}. | Name {n}'s country of birth. | What is the country of birth of {n}? | What was {n}'s country of birth? | What nation does {n} come from? | From what country is {n}? | In which country did {n} come into the world? | Country of birth of {n}? | {n}'s country? | Which is {n}'s country? | What is {n}'s native country? | Which nation is {n} from? | country of {n} | Where in the world is {n}'s home country?",
    "job": "What's {n}'s job? | What's {n}'s profession? | What's {n}'s occupation? | What does {n} work as? | What is {n} by profession? | What is {n} by trade? | What did {n} do in life? | What work did {n} do? | What work does {n} do? | How did {n} earn a living? | How does {n} make a living? | How did {n} make money? | Name {n}'s profession. | Name the occupation of {n}. | What is the job of {n}? | What was the job of {n}? | {n} worked as what? | Profession of {n}? | {n}'s job? | {n}'s occupation? | What was {n} famous for? | What makes {n} famous? | As what is {n} known? | What career did {n} have? | In what line of work was {n}? | occupation of {n}",
    "died": "{n} died when? | {n} died in which year? | When was {n}'s death? | What was the year of {n}'s death? | What's {n}'s year of death? | Name the year of {n}'s death. | In what year was the death of {n}? | Until when did {n} live? | When did {n}'s life end? | {n}'s death year? | What year saw the death of {n}? | In what year did {n} pass away? | Till what year did {n} live? | death year of {n}",
    "capital": "{n}'s capital? | {n}'s capital is? | {n} has which capital? | What does {n} have as its capital? | What town is the capital of {n}? | In which city does the government of {n} sit? | What's {n}'s capital city? | What is {n}'s capital city? | The capital city of {n}? | Which city serves as the capital of {n}? | Which capital does {n} have? | What capital does {n} have? | Where is the government of {n}? | {n}: capital? | {n} capital | Which city is the seat of government of {n}? | What is the main city of {n}, its capital? | For {n}, what is the capital? | If I fly to the capital of {n}, where do I land? | What is called the capital of {n}? | capital city of {n}",
    "continent": "{n} is on which continent? | {n} is in which part of the world? | {n} lies on which continent? | {n} belongs to which continent? | Which continent is {n} on? | Which continent is {n} in? | What continent is {n} on? | What's the continent of {n}? | Of which continent is {n} a part? | To which continent does {n} belong? | What continent does {n} belong to? | Where does {n} lie? | Where in the world is {n}? | Name the continent where {n} lies. | On which continent do I find {n}? | Continent of {n}? | {n}'s continent? | Where on the map is {n}? | Where can I find {n} on a map? | continent of {n}",
    "language": "What do the people of {n} speak? | What is the main language of {n}? | Which is the language of {n}? | What's the language of {n}? | What's {n}'s language? | Which language is spoken in {n}? | What language do they speak in {n}? | Which tongue do people speak in {n}? | In {n}, what language do people speak? | Language of {n}? | {n}'s language? | What language is used in {n}? | What languages are spoken in {n}? | What languages do people in {n} speak? | Name the language of {n}. | What do they speak in {n}? | How do people talk in {n}, in what language? | What is {n}'s official language? | Which language is official in {n}? | Which language would I need in {n}? | language of {n} | What language should I learn for {n}?",
    "currency": "What's the currency of {n}? | What's {n}'s currency? | {n}'s currency? | Currency of {n}? | Which currency is used in {n}? | Which money is used in {n}? | Which currency do people use in {n}? | What do people pay with in {n}? | What do they pay with in {n}? | What is money called in {n}? | With what money does one pay in {n}? | What money does {n} have? | What money does {n} use? | Which currency has {n}? | What currency does {n} use? | What currency do I need in {n}? | In {n}, what is the currency? | What coins are used in {n}? | currency of {n} | {n} uses which currency?",
    "capital_of": "{n} is the capital of? | {n} is the capital city of which country? | Which country has {n} as its capital? | What country has {n} as its capital? | What country has the capital {n}? | Name the country whose capital is {n}. | Of what country is {n} the capital? | In which country is {n} the capital? | {n} is the capital of which nation? | Which country is {n} the capital of? | Which state has {n} for a capital? | The capital {n} belongs to which country? | If the capital is {n}, what is the country? | Which nation's capital is {n}? | What nation has {n} as capital? | To which country does the capital {n} belong? | Which country is governed from {n}?",
    "symbol": "What's the symbol of {n}? | What's the symbol for {n}? | What's the chemical symbol of {n}? | What's {n}'s chemical symbol? | What is {n}'s chemical symbol? | {n}'s symbol? | {n}'s chemical symbol? | Which symbol stands for {n}? | Which letters stand for {n}? | How do chemists write {n}? | How is {n} abbreviated? | How is {n} abbreviated in the periodic table? | Symbol of {n}? | Symbol for {n}? | What letters are used for {n}? | Under which symbol is {n} listed? | What is the abbreviation of {n}? | {n} has which symbol? | chemical symbol of {n} | Which symbol is used for {n}? | What is the element symbol of {n}?",
    "number": "What's the atomic number of {n}? | What's {n}'s atomic number? | {n}'s atomic number? | Which number does {n} have in the periodic table? | Which number is {n} in the periodic table? | Atomic number of {n}? | What number has {n}? | What is {n}'s number in the periodic table? | {n} has which atomic number? | {n} has how many protons? | What is the number of protons in {n}? | What is the proton number of {n}? | How many protons are there in an atom of {n}? | How many protons does an atom of {n} have? | Where in the periodic table is {n}, at what number? | atomic number of {n} | What position does {n} have in the periodic table? | Which element number is {n}?",
    "symbol_of": "What does {n} stand for in chemistry? | What is {n} in chemistry? | What is {n} in the periodic table? | {n} stands for which element? | {n} is which element? | Which element is {n}? | Which element has {n} as its symbol? | Which element does {n} stand for? | What is the element with the symbol {n}? | What element is written {n}? | Name the element with the symbol {n}. | What element has the symbol {n}? | What element is abbreviated {n}? | Which chemical element is {n}? | {n} is the chemical symbol of what? | What is the name of the element {n}? | The element with the symbol {n}? | {n} is short for which element?",
    "number_of": "Element {n} is called what? | Which element is element {n}? | What is element {n}? | Which element is at number {n} in the periodic table? | Atomic number {n} is which element? | Atomic number {n}: which element? | What is the element with atomic number {n}? | {n} is the atomic number of which element? | {n} protons: which element is that? | What element is number {n}? | What's element number {n}? | The element with atomic number {n}? | Tell me the element with atomic number {n}. | Tell me which element has the atomic number {n}. | Which element comes at number {n}? | An atom has {n} protons. Which element is it? | What do we call the element with {n} protons?",
}


def _frames() -> tuple[str, ...]:
    return tuple(part.strip() for part in FRAMES.split("|"))


_FRAMES = _frames()


def taught(
    key: str, questions: str, queries: str, tellings: str, unknown: str, held: str = ""
) -> Attribute:
    """An attribute with the further wordings of its key; what is held out stays out."""
    more = MORE.get(key)
    made = facts.attribute(
        key, f"{questions} | {more}" if more else questions, queries, tellings, unknown, held
    )
    lost = {wording.lower() for wording in made.held}
    questions_left = tuple(q for q in made.questions if q.lower() not in lost)
    return Attribute(key, questions_left, made.held, made.queries, made.tellings, made.unknown)


def framed(attribute: Attribute, name: str, rng: Random) -> str:
    """A question made of what the attribute calls its unknown, unless that wording is held out."""
    while True:
        wording = rng.choice(_FRAMES).format(u=attribute.unknown)
        if wording not in attribute.held:
            return facts.capital(wording.format(n=name))
