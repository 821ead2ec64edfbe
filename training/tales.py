# ruff: noqa: E501
"""Things told as people tell them: the fact in passing, and beside it one that is almost it.

`notes` says what is true; this tells it in free sentences, most of which name a second value of
the same kind that answers nothing ("it was planned for 3 May and opened on 9 June").
"""

from __future__ import annotations

import re
from dataclasses import replace
from random import Random

from training import note_values, notes
from training.facts import Attribute, Fact, Subject, capital
from training.names import Names
from training.note_values import DAYS, MONTHS

_TALES = {
    "project": """
lead: {m} had the idea for {n}, but it is {v} who holds the reins. | Since {m} left, {n} has been in the hands of {v}. | Complaints about {n} go to {v}, praise to everybody else. | {v} was given {n} after {x} had turned it down twice. | For {n} the buck stops with {v}; {m} only keeps the minutes. | Ask {v}, who has steered {n} from its first day.
deadline: Everything in {n} must be ready by {v}, though {m} hoped for {x}. | The customer moved the last day of {n} from {x} to {v}. | {n} has until {v}, not a day longer. | On {v} the doors close on {n}; a rehearsal is held on {x}. | They wanted {n} on {x} and will get it on {v}.
budget: Of the {x} that {m} asked for, {n} was granted {v}. | {n} has to get by with {v}; last year there were {x}. | No more than {v} may be spent on {n}. | With {v} in the pot, {n} is modest beside its neighbour, which had {x}. | The council put {v} aside for {n}.
start: Work on {n} had been promised for {x} and began in {v}. | {n} goes back to {v}, when {m} drew a plan on a napkin. | After a false start in {x}, {n} got going in {v}. | {n}, under way since {v}, is nowhere near its end.
code: Among themselves they call {n} "{v}". | In the papers {n} appears as {v}, so that nobody gets wind of it. | Whoever says {v} means {n}; {x} is something else. | {n} goes by the code name {v}.
language: The prototype of {n} was in {x}; what runs now is {v}. | {m} rewrote {n} in {v} over a long winter. | {n} consists of {v} and of patience. | Those who join {n} should know {v}; a little {x} does no harm.
client: {n} was ordered by {v}, and {x} pays half of it. | It is {v} that will use {n} in the end. | {n} is being done for {v}, after {x} had pulled out. | Behind {n} stands a customer of many years, {v}.
""",
    "company": """
founder: In a shed behind the station {v} started {n}; {m} joined as the first clerk. | {n} was the idea of {v}, who had lost a post at {x}'s mill. | The name over the door of {n} is {m}'s, but {v} set it up. | {v} had no money and no premises, and called the result {n}. | When {v} opened {n}, nobody gave it a year.
founded: {n} has been going since {v} and moved in {x}. | The first invoice of {n} is from {v}. | {n} will tell you that it dates from {x}; the register says {v}. | Set up in {v}, {n} had to close for some years after {x}. | It was {v} when {n} first opened its doors.
seat: {n} sells in {x}, but the desks are in {v}. | Born in {x}, {n} now makes its home in {v}. | Letters to {n} go to {v}. | You find the head office of {n} in {v}, above a bakery; the works are in {x}. | {n} left {x} for {v}, where rents are lower.
staff: With {v} people on the payroll, {n} is the largest employer in the valley; once it was {x}. | {n} began with {x} hands and has {v} today. | {v} men and women earn their living at {n}. | At {n}, {v} people clock in every morning.
boss: {n} is run by {v} now that {m} has retired. | At the head of {n} stands {v}, {m}'s niece. | {v} took over {n} from {m} in spring. | The corner office at {n} belongs to {v}, not to {m}.
sales: {n} took in {v}, after {x} the year before. | The books of {n} close with {v} in sales. | {n} sold for {v}, of which {x} came from abroad.
product: People know {n} for one thing, the {v}. | Of all that {n} sells, the {v} pays the bills; the {x} was a flop. | {n} withdrew the {x} and lives from the {v}.
""",
    "room": """
where: To get to {n}, take the stairs to {v}; the sign on {x} is wrong. | {n} used to be on {x} and has moved to {v}. | {v} is where you will find {n}. | Past the copier on {v} you come to {n}.
seats: {n} was made for {x}, but {v} people fit in. | Put out {v} chairs in {n} and it is full. | In {n} there is room for {v}; standing, for {x}. | {n} takes {v} at the most, says the fire brigade. | Since the rebuilding {n} seats {v} instead of {x}.
wifi: In {n} type {v} to get on the net; {x} was last year's. | The network in {n} lets you in with {v}. | Guests in {n} use the password {v}. | On the wall of {n} hangs a card with the wifi password, {v}.
door: {n} opens to those who press {v}. | Press {v} at {n}; {x} is for the cellar. | The lock of {n} wants {v}. | The code of the door to {n} went from {x} to {v}.
book: If you want {n}, talk to {v}; {m} only has the key. | {v} keeps the calendar of {n}. | {n} is not free for all: {v} decides who gets it. | Reservations for {n} go through {v} and no longer through {m}.
colour: {n} was {x} for years and is {v} now. | They painted {n} {v} over the holidays. | Everything in {n} is {v}, even the lamp.
""",
    "pet": """
age: {n} is getting on: {v} years, when most of its kind reach {x}. | {v} years have not made {n} any wiser. | {n} turned {v} in spring. | They got {n} when it was {x}; today it is {v}.
food: {n} won't touch {x} and lives on {v}. | Offer {n} {v} and you have a friend; {x} goes to the birds. | What {n} wants is {v}, morning and night. | {n} gets {v} twice a day.
owner: {n} was left behind by {m} and taken in by {v}. | {v} is the one whom {n} follows home. | Officially {n} belongs to {v}, whatever {m} may say. | {n} lives next door to {m}, with {v}.
colour: {n} was {x} when it was young and has become {v}. | You will know {n} by its {v} coat. | {n} is {v} all over, with one {x} ear.
sleeps: {n} has a basket of its own and lies {v} all the same. | At night you find {n} {v}. | {n} sleeps {v}, never {x}.
vet: When {n} limps, they drive to {v}; {m} is too far away. | {v} has looked after {n} since its first injection. | {n} is patched up by {v}.
weight: {n} brings {v} kilos to the scales, down from {x}. | At {v} kilos {n} is no featherweight. | {n} should weigh {x} kilos and weighs {v}.
""",
    "meeting": """
when: {n} has been put off from {x} to {v}. | Keep {v} free for {n}. | {n} falls on {v}, since {m} is away on {x}. | They meet for {n} on {v}. | {n}, planned for {x}, will now be on {v}.
where: {n} had to leave {x} and goes to {v}. | For {n} come to {v}. | {v} is booked for {n}; {x} was taken. | They hold {n} in {v}, coffee included.
who: {m} wrote the agenda of {n}, {v} has the chair. | It is {v} who opens and closes {n}. | {n} is in the hands of {v}; {m} takes the minutes. | {v} presided over {n}, as {m} was ill.
topic: {n} has one item: {v}. | They talked of {x} before; {n} is for {v}. | {n} turns on {v}, nothing else.
decided: At {n} somebody wanted to {x}; in the end they voted to {v}. | {n} lasted three hours and came to this: {v}. | {n} resolved to {v}.
guest: {n} is visited by {v}, all the way from {c}. | To {n} they have asked {v}, not {m}. | Listen to {v}, who speaks at {n}.
""",
    "gadget": """
price: {n} used to be {x} and is down to {v}. | For {v} you can take {n} home. | At {v} {n} is no bargain; its little brother is {x}. | {n} sells for {v}, without the bag. | They want {v} for {n}.
weight: {n} comes to {v} grams, the charger to {x} more. | On the scales {n} shows {v} grams. | With {v} grams {n} is lighter than its forerunner ({x}).
battery: {n} lasts {v} hours on one charge; the leaflet promises {x}. | After {v} hours {n} wants a socket. | {n} holds out for {v} hours.
maker: {n} bears the badge of {x} but is built by {v}. | Out of the works of {v} comes {n}. | {v} puts {n} together in {c}. | {n} is a child of {v}, as you see by the screws.
where: {n} was {x} and is {v} now. | Look for {n} {v}. | {n} can be found {v}, if nobody has borrowed it. | After use {n} goes back {v}.
serial: On the back of {n} you read {v}. | {n} is registered under {v}; {x} is the charger. | {n} carries the serial number {v}.
released: {n} was shown in {x} and reached the shops in {v}. | {n} has been on sale since {v}. | Announced for {x}, {n} arrived in {v}.
""",
    "thing": """
where: {n} has moved: not {x} any more but {v}. | Look {v} if you need {n}. | Whoever takes {n} puts it back {v}. | We searched everywhere for {n}; it was {v}. | {n} lives {v}, as ever. | {m} put {n} {v}, out of the children's reach.
owner: {n} is {v}'s; {m} borrows it. | {v} got {n} from {m} and has kept it. | If {n} is gone, {v} has it. | {n} is looked after by {v}.
code: {n} opens with {v}; {x} was the old one. | To use {n} you need {v}. | Set {n} to {v}. | The number for {n} is {v}, says {m}.
colour: {n} is the {v} one; the {x} one is {m}'s. | You can't miss {n}: it is {v}. | {n} was {x} until {m} painted it {v}.
bought: {n} came into the house in {v}, a year after {m}. | {n} has been here since {v}; the one before it was from {x}. | We got {n} in {v}.
price: {n} was {v} in the sale, down from {x}. | We gave {v} for {n}. | {m} paid {v} for {n}.
""",
    "place": """
people: {n} had {x} souls before the mine closed and counts {v} today. | {v} people call {n} home. | {n}: one church, one pub, {v} inhabitants. | In summer there are {x} in {n}, the rest of the year {v}.
mayor: {n} voted out {m} and has {v} for mayor. | In the town hall of {n} sits {v}. | {v} won the election in {n}, ahead of {m}. | {n} is governed by {v}.
known: Nobody would stop in {n} but for its {v}. | {n} owes its name in the world to {v}, not to {x}. | {v} made {n} known far and wide. | Say {n} and people think of {v}.
river: The {v} runs through {n}; the {x} passes it by. | {n} lies where the road crosses the {v}. | Every spring the {v} floods {n}. | The people of {n} swim in the {v}.
founded: {n} is first heard of in {v}, and burnt down in {x}. | Settlers came to {n} in {v}. | {n} was laid out in {v}.
market: Farmers come to {n} on {v}; the fair is on {x}. | On {v} the square of {n} fills with stalls. | {n} has its market day on {v}.
""",
    "recipe": """
time: {n} is {v} minutes in the oven, after {x} in the bowl. | Give {n} {v} minutes and don't open the door. | {n} is done after {v} minutes. | Leave {n} on the fire for {v} minutes, then let it rest for {x}.
main: All that {n} asks for is {v}. | {n} is nothing but {v} and time. | You can't make {n} without {v}. | Into {n} go {v}.
heat: {n} wants {v} degrees; at {x} it stays pale. | Heat the oven to {v} degrees before {n} goes in. | {n} bakes at {v} degrees.
from: {n} is {v}'s, handed down to {m}. | We have {n} from {v}, who had it from nobody. | It was {v} who first cooked {n}; {m} added the salt.
serves: {n} fills {v} plates. | Make {n} for {v}, and {x} will come. | {n} is enough for {v} hungry people.
drink: With {n} goes {v}; {x} would drown it. | Pour {v} with {n}. | {n} calls for {v}.
""",
    "book": """
author: {n} is by {v}; the pictures are {m}'s. | {v} worked on {n} for nine years, {m} translated it in one. | The author of {n}, {v}, never saw it printed. | {m} is on the cover of {n}, but every line is {v}'s.
year: Finished in {x}, {n} was printed in {v}. | {n} has been in the shops since {v}. | It took until {v} before {n} saw the light; a second edition came in {x}.
about: {n} deals with {v}, and a little with {x}. | Whoever opens {n} reads of {v}. | In {n} everything turns on {v}.
pages: {n} runs to {v} pages, {x} of them notes. | After {v} pages {n} is over, too soon. | {n} is a book of {v} pages.
hero: In {n} we follow {v}, whom {m} betrays in the end. | {n} tells of a certain {v}. | Everybody remembers {v}, who stands at the centre of {n}.
music: {v} was behind the camera for {n}, {m} before it. | {n} is the work of {v}, who had been {m}'s assistant. | For {n} the studio took {v} as director.
""",
    "someone": """
spouse: {n} and {v} had their wedding in {c}; {m} played the organ. | {n} shares a house, and a name, with {v}. | Since June {n} and {v} have been husband and wife. | {n} was engaged to {m} once and became the spouse of {v}. | {v} said yes to {n} on a ferry.
home: {n} grew up in {x} but has a flat in {v} today. | You can visit {n} in {v}. | After years in {x}, {n} has settled in {v}. | {n} gave up the house in {x} and moved to {v} for good. | {v} is where {n} hangs up a coat at night.
employer: {n} has left {x} and earns a living at {v}. | {n} goes to work at {v} by bicycle. | {v} took {n} on in autumn. | On the card of {n} it says {v}. | {n} was with {x} for years; these days it is {v}.
hobby: When {n} has an hour to spare, it goes into {v}. | {n} talks of nothing but {v}. | {v} is what {n} does on Sundays; {x} was never any good. | {n} gave up {x} for {v}. | On weekends you find {n} at {v}.
phone: You reach {n} on {v}; {x} is the fax. | {n} has a new number, {v}. | Ring {v} and ask for {n}. | {n} picks up at {v}.
desk: {n} has moved from {x} to {v}. | Knock at {v} if you look for {n}. | {n} works in {v} these days. | In {v}, by the window, sits {n}.
birthday: {n} gets a cake on {v}. | {v} is the day on which {n} gets older; {m} does so on {x}. | We sing for {n} on {v}.
role: {n} came as a trainee and is now the {v}. | Here {n} is the {v}, after {m} gave it up. | As {v}, {n} has the last word.
pet: At home {n} keeps a {v}. | {n} never goes out without a {v}. | A {v} lives with {n}, to {m}'s regret.
allergy: Keep {v} away from {n}; {x} is fine. | {n} swells up from {v}. | One bite of {v} and {n} is in bed for a week.
studied: {n} began with {x} and took a degree in {v}. | {n} holds a diploma in {v}. | At university {n} read {v}.
award: For a paper on eels {n} was given the {v}. | {n} missed the {x} and got the {v} a year later. | The {v} went to {n}, the {x} to {m}.
language: {n} can read {x} but speaks {v}. | With her grandmother {n} talks in {v}. | In the kitchen of {n} you hear {v}.
car: {n} has sold the {x} and takes a {v} to work. | You see {n} in a {v}. | The {v} in front of the door is the car of {n}.
team: {n} has changed from the {x} team to the {v} team. | They put {n} in with the {v} team. | {n} plays for {v}.
is: {n} works with us as {v}. | {n} has been {v} for longer than anybody can say. | {n}, who is {v}, comes from {c}. | Nobody needs {v} as often as they need {n}. | {n} was {x} once and has become {v}.
""",
}
_BESIDE = """
{m} tells it differently, but then {m} always does.
Nobody remembers why.
It rained that day, and the day after.
There was some noise about it in {c}, none of it deserved.
{m} from {c} was against it from the beginning.
Most people like it that way.
A picture of it hangs in the hall.
In {y} a man from {c} wrote to the paper about it.
The neighbours had hoped for something else.
{k} letters have come in so far, all of them friendly.
More than that can't be said.
What {m} thinks of it is another matter.
The rest is gossip.
You can ask {m}, but don't mention {c}.
Some still speak of the winter of {y}.
It isn't much, but it is ours.
On {day} there is cake.
That was in {month}; since then nothing has changed.
{m} and {m2} can't agree on anything else.
Visitors from {c} are always surprised.
It was cheaper than {m} had feared.
Everything else was lost in the fire of {y}.
Bring an umbrella.
Opinions differ.
There were {k} candidates.
The less said about {y}, the better.
It took {k} days and a good deal of coffee.
Not everybody was pleased.
Thanks to {m}, who carried the boxes.
It is best seen on a {day} in {month}.
"""


def _read(text: str) -> dict[str, tuple[str, ...]]:
    found = {}
    for line in text.strip().splitlines():
        key, _, tales = line.partition(": ")
        found[key] = tuple(tale.strip() for tale in tales.split(" | "))
    return found


TALES = {kind: _read(text) for kind, text in _TALES.items()}
BESIDE = tuple(_BESIDE.strip().splitlines())
KINDS = {kind: {attr.key: wanted for attr, wanted in notes.SCHEMA[kind]} for kind in TALES}
"""The kind of value of each attribute (see `note_values.value`)."""


class Tales:
    """Tells subjects of `notes` in free sentences."""

    def __init__(self, names: Names, rng: Random) -> None:
        self.names, self.rng = names, rng

    def _value(self, kind: str) -> str:
        return note_values.value(kind, self.names, self.rng, False)

    def _filled(self, tale: str, name: str, value: str = "", kind: str = "") -> str:
        rng = self.rng
        other = self._value(kind) if "{x}" in tale else ""
        return capital(
            tale.format(
                n=name,
                v=value,
                x=other,
                m=self.names.invent(rng),
                m2=self.names.invent(rng),
                c=self._value("city"),
                y=rng.randrange(1850, 2026),
                k=rng.randrange(3, 90),
                day=rng.choice(DAYS),
                month=rng.choice(MONTHS),
            )
        )

    def told(self, kind: str = "", must: str = "") -> Subject:
        """Something invented, with one to four facts told and the others left open."""
        rng = self.rng
        kind = kind if kind in TALES else rng.choice((*TALES, "someone"))
        name = notes.name(kind, self.names, rng, False)
        many = kind == "thing" and name.endswith("s")
        tellable = [(a, w) for a, w in notes.SCHEMA[kind] if a.key in TALES[kind]]
        rng.shuffle(tellable)
        tellable.sort(key=lambda pair: pair[0].key != must)
        count = rng.choice((1, 1, 2, 2, 3, 4))
        facts, lines = [], []
        for attribute, wanted in tellable[:count]:
            value = self._value(wanted)
            line = self._filled(rng.choice(TALES[kind][attribute.key]), name, value, wanted)
            if many:
                line = _plural(line, name)
            facts.append(Fact(notes.plural(attribute) if many else attribute, value, line))
            lines.append(line)
            if rng.random() < 0.4:
                lines.append(self._filled(rng.choice(BESIDE), name))
        if rng.random() < 0.3:
            lines.insert(0, self._filled(rng.choice(BESIDE), name))
        told = [fact.sentence for fact in facts]
        for at, line in enumerate(lines):
            # After its first mention a thing is "it" now and then.
            if at and line in told and kind != "someone" and rng.random() < 0.35 and not many:
                short = capital(re.sub(rf"\b{re.escape(name)}\b(?!')", "it", line, flags=re.I))
                fact = next(f for f in facts if f.sentence == line)
                if fact.value in short:
                    facts[facts.index(fact)] = replace(fact, sentence=short)
                    lines[at] = short
        missing: list[Attribute] = [a for a, _ in notes.SCHEMA[kind] if a.key != "is"]
        keys = {fact.attribute.key for fact in facts}
        missing = [a for a in missing if a.key not in keys]
        if many:
            missing = [notes.plural(a) for a in missing]
        return Subject(name, tuple(facts), tuple(missing), kind, tuple(lines))


def _plural(line: str, name: str) -> str:
    for one, more in (("is", "are"), ("was", "were"), ("has", "have"), ("lives", "live")):
        line = re.sub(rf"\b{re.escape(name)} {one}\b", f"{name} {more}", line, flags=re.I)
    return line.replace(" it ", " them ").replace("puts it", "puts them")
