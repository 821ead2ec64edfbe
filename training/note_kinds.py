# ruff: noqa: E501, SIM905
"""Kinds of things people write notes about, with wordings: the schema behind `notes`.

One line is one attribute: key; questions; query; tellings; what is unknown; kind of value.
`{n}` is the subject, `{v}` the value. A telling without `{n}` leans on the sentence before it.
"""

from __future__ import annotations

PEOPLE_ROWS = """
is; Who is {n}?|Who is {n}?|Tell me about {n}.|Do you know who {n} is?|What do you know about {n}?|Can you tell me who {n} is?; ; {n} is {v}.|{n} is {v} from our team.|{n} works as {v}.|{n} was {v}.; who {n} is; arole
spouse; Who is {n} married to?|Who is {n}'s partner?; spouse; {n} is married to {v}.|{n} married {v}.; who {n} is married to; person
home; Where does {n} live?|In which city does {n} live?; residence; {n} lives in {v}.|{n} moved to {v}.; where {n} lives; city
employer; Where does {n} work?|Who does {n} work for?; employer; {n} works at {v}.|{n} works for {v}.; where {n} works; company
hobby; What is {n}'s hobby?|What does {n} like to do?; hobby; {n} likes {v}.|In free time, {n} enjoys {v}.; what {n}'s hobby is; hobby
phone; What is {n}'s phone number?|What is the phone number of {n}?; phone number; {n}'s phone number is {v}.|You can call {n} at {v}.; {n}'s phone number; phone
desk; Where is {n}'s desk?|Where does {n} sit?; desk; {n} sits in {v}.|{n}'s desk is in {v}.; where {n} sits; room
birthday; When is {n}'s birthday?|What is {n}'s birthday?; birthday; {n}'s birthday is on {v}.|{n} celebrates on {v}.; when {n}'s birthday is; day
role; What is {n}'s role?|What does {n} do?; role; {n} is the {v}.|{n} works as the {v}.; what {n} does; role
pet; What pet does {n} have?|What is the name of {n}'s pet?; pet; {n} has a {v}.|{n} owns a {v}.; what pet {n} has; pet
allergy; What is {n} allergic to?|Does {n} have an allergy?; allergy; {n} is allergic to {v}.|{n} cannot eat {v}.; what {n} is allergic to; food
studied; What did {n} study?|Where did {n} study?; studies; {n} studied {v}.|{n} has a degree in {v}.; what {n} studied; subject
award; Which award did {n} win?|What prize did {n} get?; award; {n} won the {v}.|{n} received the {v}.; which award {n} won; award
language; Which language does {n} speak?|What languages does {n} know?; language; {n} speaks {v}.|{n} is fluent in {v}.; which language {n} speaks; tongue
car; What car does {n} drive?|Which car does {n} have?; car; {n} drives a {v}.|{n} has a {v}.; what car {n} drives; gadget
team; Which team is {n} in?|What team does {n} belong to?; team; {n} is in the {v} team.|{n} belongs to the {v} team.; which team {n} is in; word
"""

KINDS = {
    "project": """
is; What is {n}?|Tell me about {n}.|What do you know about {n}?; ; {n} is a project about {v}.|{n} is our plan for {v}.|{n} is an effort to improve {v}.; what {n} is; topic
lead; Who leads {n}?|Who is in charge of {n}?|Who is responsible for {n}?|Who runs {n}?|Who is the leader of {n}?; leader; {n} is led by {v}.|{v} leads {n}.|The leader of {n} is {v}.|It is led by {v}.|The lead is {v}.|{v} is in charge of {n}.; who leads {n}; person
deadline; When is the deadline of {n}?|When is {n} due?|When must {n} be finished?|What is {n}'s deadline?; deadline; The deadline of {n} is {v}.|{n} is due on {v}.|{n} must be finished by {v}.|The deadline is {v}.|It is due on {v}.; when {n} is due; day
budget; What is the budget of {n}?|How much money does {n} have?|How large is the budget of {n}?; budget; The budget of {n} is {v}.|{n} has a budget of {v}.|The budget is {v}.|It has a budget of {v}.; the budget of {n}; money
start; When did {n} start?|When was {n} started?|In which year did {n} begin?; start; {n} started in {v}.|{n} began in {v}.|It started in {v}.; when {n} started; year
code; What is the code name of {n}?|What is {n}'s code name?; code name; The code name of {n} is {v}.|{n} has the code name {v}.|Its code name is {v}.; the code name of {n}; word
language; Which programming language does {n} use?|What is {n} written in?; language; {n} is written in {v}.|The code of {n} is in {v}.|It is written in {v}.; what {n} is written in; tech
client; Who is the client of {n}?|For whom is {n}?; client; The client of {n} is {v}.|{n} is for {v}.|The client is {v}.; who the client of {n} is; company
""",
    "company": """
is; What is {n}?|Tell me about {n}.|What does {n} do?|What do you know about {n}?; ; {n} is a company that makes {v}.|{n} makes {v}.|{n} is a maker of {v}.; what {n} is; thing
founder; Who founded {n}?|Who is the founder of {n}?|Who started {n}?; founder; {n} was founded by {v}.|The founder of {n} is {v}.|{v} founded {n}.|It was founded by {v}.; who founded {n}; person
founded; When was {n} founded?|In which year was {n} founded?; founded; {n} was founded in {v}.|{n} has existed since {v}.|It was founded in {v}.; when {n} was founded; year
seat; Where is {n} based?|Where is the headquarters of {n}?|In which city is {n}?; headquarters; {n} is based in {v}.|The headquarters of {n} is in {v}.|It is based in {v}.|{n} has its main office in {v}.; where {n} is based; city
staff; How many people work at {n}?|How many employees does {n} have?; employees; {n} has {v} employees.|{v} people work at {n}.|It has {v} employees.; how many people work at {n}; number
boss; Who is the CEO of {n}?|Who leads {n}?|Who is the boss of {n}?; CEO; The CEO of {n} is {v}.|{n} is led by {v}.|{v} is the CEO of {n}.|Its CEO is {v}.; who leads {n}; person
sales; What were the sales of {n}?|How much did {n} earn?; sales; {n} earned {v} last year.|The sales of {n} were {v}.; how much {n} earned; money
product; What is the best-known product of {n}?|What does {n} sell?; product; {n} sells the {v}.|The best-known product of {n} is the {v}.; what {n} sells; gadget
""",
    "room": """
where; Where is {n}?|On which floor is {n}?|Where can I find {n}?; floor; {n} is on {v}.|You find {n} on {v}.|{n} lies on {v}.; where {n} is; floor
seats; How many seats does {n} have?|How many people fit in {n}?|How big is {n}?; seats; {n} has {v} seats.|{n} seats {v} people.|It has {v} seats.; how many seats {n} has; small
wifi; What is the wifi password in {n}?|What is the wifi password of {n}?; wifi password; The wifi password in {n} is {v}.|The wifi password is {v}.; the wifi password in {n}; secret
door; What is the door code of {n}?|How do I open {n}?; door code; The door code of {n} is {v}.|{n} opens with the code {v}.|The door code is {v}.; the door code of {n}; pin
book; Who books {n}?|Who do I ask about {n}?; booking; {n} is booked through {v}.|Ask {v} about {n}.; who books {n}; person
colour; What colour is {n}?|Which colour are the walls of {n}?; colour; {n} is {v}.|The walls of {n} are {v}.; what colour {n} is; colour
""",
    "pet": """
is; What is {n}?|Who is {n}?|What kind of animal is {n}?|Tell me about {n}.; ; {n} is a {v}.|{n} is our {v}.|{n} is a small {v}.; what {n} is; animal
age; How old is {n}?|What is {n}'s age?|What is the age of {n}?; age; {n} is {v} years old.|The age of {n} is {v}.; how old {n} is; small
food; What does {n} eat?|What is {n}'s favourite food?; food; {n} eats {v}.|{n}'s favourite food is {v}.|{n} loves {v}.; what {n} eats; food
owner; Who is the owner of {n}?|Whose pet is {n}?|Who owns {n}?; owner; {n} belongs to {v}.|The owner of {n} is {v}.; who owns {n}; person
colour; What colour is {n}?|What does {n} look like?; colour; {n} is {v}.|The fur of {n} is {v}.; what colour {n} is; colour
sleeps; Where does {n} sleep?|Where is {n}'s bed?; sleep; {n} sleeps {v}.|{n}'s bed is {v}.; where {n} sleeps; spot
vet; Who is {n}'s vet?|Which vet does {n} see?; vet; {n}'s vet is {v}.|The vet of {n} is {v}.; who {n}'s vet is; person
weight; How much does {n} weigh?|What is the weight of {n}?; weight; {n} weighs {v} kilos.|The weight of {n} is {v} kilos.; how much {n} weighs; small
""",
    "meeting": """
when; When is {n}?|When does {n} take place?|On which day is {n}?|What time is {n}?; time; {n} is on {v}.|{n} takes place on {v}.|{n} was moved to {v}.; when {n} is; day
where; Where is {n}?|Where does {n} take place?|In which room is {n}?; place; {n} is in {v}.|{n} takes place in {v}.|We hold {n} in {v}.; where {n} is; room
who; Who leads {n}?|Who runs {n}?|Who chairs {n}?; chair; {n} is led by {v}.|{v} runs {n}.|{v} chairs {n}.; who leads {n}; person
topic; What is {n} about?|What is the topic of {n}?; topic; {n} is about {v}.|The topic of {n} is {v}.; what {n} is about; topic
decided; What was decided at {n}?|What did {n} decide?|What is the result of {n}?; decision; {n} decided to {v}.|At {n} we agreed to {v}.|{n} ended with the decision to {v}.; what was decided at {n}; action
guest; Who is the guest of {n}?|Who comes to {n}?; guest; The guest of {n} is {v}.|{v} comes to {n}.; who comes to {n}; person
""",
    "gadget": """
is; What is {n}?|Tell me about {n}.|What do you know about {n}?; ; {n} is a device for {v}.|{n} is a machine for {v}.|{n} is a tool for {v}.; what {n} is; topic
price; How much does {n} cost?|What is the price of {n}?|What does {n} cost?; price; {n} costs {v}.|The price of {n} is {v}.|It costs {v}.; what {n} costs; money
weight; How heavy is {n}?|How much does {n} weigh?; weight; {n} weighs {v} grams.|The weight of {n} is {v} grams.|It weighs {v} grams.; how heavy {n} is; number
battery; How long does the battery of {n} last?|How long does {n} run?; battery; The battery of {n} lasts {v} hours.|{n} runs for {v} hours.|The battery lasts {v} hours.; how long {n} runs; small
maker; Who makes {n}?|Which company makes {n}?|Who built {n}?; maker; {n} is made by {v}.|The maker of {n} is {v}.|{v} makes {n}.|It is made by {v}.; who makes {n}; company
where; Where is {n}?|Where is {n} kept?|Where can I find {n}?; place; {n} is {v}.|{n} is kept {v}.|You find {n} {v}.; where {n} is; spot
serial; What is the serial number of {n}?|What is {n}'s serial number?; serial number; The serial number of {n} is {v}.|{n} has the serial number {v}.; the serial number of {n}; secret
released; When was {n} released?|When did {n} come out?; release; {n} came out in {v}.|{n} was released in {v}.; when {n} came out; year
""",
    "thing": """
where; Where is {n}?|Where can I find {n}?|Where is {n} kept?|Where did we put {n}?; place; {n} is {v}.|We keep {n} {v}.|You find {n} {v}.|{n} is kept {v}.|{n} was put {v}.; where {n} is; spot
owner; Who has {n}?|Who is responsible for {n}?|Whose is {n}?; owner; {v} has {n}.|{v} looks after {n}.|{n} belongs to {v}.; who has {n}; person
code; What is the code of {n}?|What is the code for {n}?|What is the password for {n}?; code; The code of {n} is {v}.|The code for {n} is {v}.|The password for {n} is {v}.; the code of {n}; pin
colour; What colour is {n}?|Which colour is {n}?; colour; {n} is {v}.|The colour of {n} is {v}.; what colour {n} is; colour
bought; When was {n} bought?|When did we buy {n}?; bought; {n} was bought in {v}.|We bought {n} in {v}.; when {n} was bought; year
price; How much did {n} cost?|What was the price of {n}?; price; {n} cost {v}.|The price of {n} was {v}.; what {n} cost; money
""",
    "place": """
is; What is {n}?|Tell me about {n}.|What do you know about {n}?; ; {n} is a village in {v}.|{n} is a small town in {v}.|{n} is an island near {v}.|{n} is a town near {v}.; what {n} is; city
people; How many people live in {n}?|What is the population of {n}?; population; {n} has {v} inhabitants.|{v} people live in {n}.; how many people live in {n}; number
mayor; Who is the mayor of {n}?|Who leads {n}?; mayor; The mayor of {n} is {v}.|{v} is the mayor of {n}.; who the mayor of {n} is; person
known; What is {n} known for?|Why is {n} famous?; famous; {n} is known for {v}.|{n} is famous for {v}.; what {n} is known for; thing
river; Which river flows through {n}?|What is the river in {n}?; river; The river {v} flows through {n}.|{n} lies on the river {v}.; which river flows through {n}; word
founded; When was {n} founded?|How old is {n}?; founded; {n} was founded in {v}.|{n} was first named in {v}.; when {n} was founded; year
market; When is the market in {n}?|On which day is the market in {n}?; market; The market in {n} is on {v}.|{n} holds its market on {v}.; when the market in {n} is; day
""",
    "recipe": """
time; How long does {n} take?|How long must {n} bake?|How long do I cook {n}?; time; {n} takes {v} minutes.|Bake {n} for {v} minutes.|Cook {n} for {v} minutes.; how long {n} takes; small
main; What is in {n}?|What do I need for {n}?|What is {n} made of?; ingredients; {n} is made of {v}.|For {n} you need {v}.|{n} needs {v}.; what is in {n}; foods
heat; At what temperature is {n} baked?|How hot must the oven be for {n}?; temperature; {n} is baked at {v} degrees.|The oven must be at {v} degrees for {n}.; how hot the oven must be for {n}; number
from; Who invented {n}?|Whose recipe is {n}?|Who gave us {n}?; origin; {n} comes from {v}.|The recipe of {n} is from {v}.; whose recipe {n} is; person
serves; How many people does {n} serve?|For how many people is {n}?; serves; {n} serves {v} people.|{n} is enough for {v} people.; how many people {n} serves; small
drink; What do we drink with {n}?|What goes with {n}?; drink; {n} goes well with {v}.|With {n} we drink {v}.; what goes with {n}; food
""",
    "book": """
author; Who wrote {n}?|Who is the author of {n}?|By whom is {n}?; author; {n} was written by {v}.|The author of {n} is {v}.|{v} wrote {n}.; who wrote {n}; person
year; When was {n} written?|When did {n} come out?|In which year did {n} appear?; year; {n} came out in {v}.|{n} appeared in {v}.; when {n} came out; year
about; What is {n} about?|What happens in {n}?; about; {n} is about {v}.|{n} tells of {v}.; what {n} is about; topic
pages; How many pages does {n} have?|How long is {n}?; pages; {n} has {v} pages.|{n} is {v} pages long.; how many pages {n} has; number
hero; Who is the main character of {n}?|Who is the hero of {n}?; main character; The main character of {n} is {v}.|The hero of {n} is {v}.; who the hero of {n} is; person
music; Who wrote the music for {n}?|Who directed {n}?; director; {n} was directed by {v}.|The director of {n} is {v}.; who directed {n}; person
""",
}

NOUNS = (
    "colour size price owner address nickname height weight age birthday motto symbol password length width"
    " speed capacity label version port host region tariff slogan mascot sponsor editor manager contact"
    " assistant treasurer secretary coach captain landlord tenant doctor teacher tutor inspector email"
    " hotline extension license model engine material flavour scent texture shape pattern origin source"
    " destination route platform gate seat row ticket fare discount fee rent deposit balance salary bonus"
    " dose limit target score rank level grade mark distance depth altitude frequency voltage pressure"
    " temperature humidity opening closing schedule interval duration delay reason cause goal purpose"
    " theme topic title subtitle headline format layout font logo banner anthem flag motif key token badge"
    " locker drawer shelf box folder branch commit release milestone budget forecast supplier vendor"
    " customer partner rival successor predecessor deputy guardian witness author composer director"
).split()
NOUNS_HELD = (
    "locksmith caretaker postcode wavelength warranty courier ceiling insurance gardener soundtrack"
    " ringtone playlist dialect barcode allowance plumber architect inventory quota recipe"
).split()
