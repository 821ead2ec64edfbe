# ruff: noqa: E501
"""Sentences about people as others would write them: the shapes that reading is learnt from.

Slots name what a sentence tells: {y} year of birth, {c} city, {k} country, {o} occupation with its
article, {j} without, {d} year of death. {n} is whoever it is about ({ns}: "her", "Ada's"); {e}, {z},
{m} are another city, year and person that answer nothing. A share of the shapes, chosen by hash, is
never trained on and serves to measure (`training.prose`).
"""

from __future__ import annotations

SHAPES = """
{n} was born in {c}, {k}, in {y}.
{n} was born in {y}.
{n} was born in {y} in the city of {c}.
{n} was born in {c}.
{n} was born in {c} in {y}.
{n} was born in {c}, a town in {k}.
{n} was born in {y} to a family of farmers.
{n} was born into a poor family in {c} in {y}.
{n} was born in {k}.
{n} was born and raised in {c}.
{n} was born to two teachers from {c}.
{n} was born there in {y}.
{n}, born in {y}, grew up in {e}.
{n}, who was born in {c}, moved to {e} as a child.
{n}, born in {c} in {y}, is best remembered as {o}.
{n}, {o}, was born in {y}.
{n}, {o} from {c}, never married.
{n} ({o}, born {y}) spent many years in {e}.
{n} (born {y}) is {o}.
{n} (born in {y} in {c}) is {o} from {k}.
{n} ({y} to {d}) was {o}.
{n} ({c}, {y}) is {o}.
{n}, born {y} in {c}, works as {o}.
{n} is {o}.
{n} is {o} from {k}.
{n} is {o} from {c}, {k}.
{n} is {o} who was born in {c}.
{n} is {o} who was born in {y}.
{n} is {o} and comes from {c}.
{n} is {o} of some fame in {k}.
{n} was {o}.
{n} was {o} from {k}.
{n} was {o} who worked mostly in {e}.
{n} was {o}, born in {c} in {y}.
{n} was {o} who came from {k}.
{n} became {o} after leaving school.
{n} became {o} in {z}.
{n} became known as {o}.
{n} works as {o} in {e}.
{n} has worked as {o} since {z}.
{n} earned a living as {o}.
{n} made a living as {o} in {e}.
{n} trained in {e} and became {o}.
{n} started out as a waiter and later became {o}.
{n} spent a whole life as {o}.
{n} is best known as {o}.
{n} was by trade {o}.
By profession {n} is {o}.
By trade {n} was {o}.
As {o}, {n} travelled widely.
The {j} {n} was born in {c}.
The {j} {n} was born in {y}.
The {j} {n} died in {d}.
The {j} {n} comes from {k}.
The {j} {n} from {k} lived in {e} for years.
Born in {y}, {n} grew up by the sea.
Born in {c}, {n} learned to read late.
Born in {c} in {y}, {n} was the youngest of six.
Born in {y} in {c}, {n} soon moved to {e}.
Born and raised in {c}, {n} left for {e} in {z}.
Born in {k}, {n} spent the war years in {e}.
A native of {c}, {n} moved to {e} in {z}.
A native of {k}, {n} speaks four languages.
A {j} by trade, {n} never liked the city.
Originally from {c}, {n} now lives in {e}.
Originally from {k}, {n} came to {e} in {z}.
It was in {c} that {n} was born.
It was in {y} that {n} was born.
In {y}, {n} was born in {c}.
In {y} a child was born in {c} who would be called {n}.
In {c}, where {n} was born, a street bears the name.
In the year {y}, {n} was born.
In the spring of {y}, {n} came into the world in {c}.
On a cold night in {y}, {n} was born in a village near {c}.
{ns} birthplace is {c}.
{ns} birthplace is {c} in {k}.
{ns} birth year is {y}.
{ns} year of birth is {y}.
{ns} home town is {c}.
{ns} home country is {k}.
{ns} place of birth is {c}, {k}.
{ns} occupation is {j}.
{ns} profession is {j}.
{ns} job is that of {o}.
{ns} life began in {c} in {y}.
{ns} life ended in {d}.
{ns} death came in {d}.
{ns} parents lived in {c} when {n} was born there.
The birthplace of {n} is {c}.
The birth of {n} in {y} was a surprise to all.
The year of birth of {n} is {y}.
The home country of {n} is {k}.
The family of {n} comes from {k}.
The town of {c} is where {n} was born.
The city of {c} is proud that {n} was born there.
The world knows {n} as {o}.
The records say that {n} was born in {y}.
The records say that {n} was born in {c}.
The church book of {c} records the birth of {n} in {y}.
{n} came into the world in {y}.
{n} came into the world in {c}.
{n} comes from {c}.
{n} comes from {k}.
{n} comes from {c} in {k}.
{n} hails from {c}.
{n} hails from {k}.
{n} is a native of {c}.
{n} is from {k}.
{n} is from {c} and works as {o}.
{n} is originally from {k}.
{n} first saw the light of day in {c}.
{n} first saw the light of day in {y}.
{n} has been {o} for half a lifetime.
{n} died in {d}.
{n} died in {e} in {d}.
{n} died in {d} after a long illness.
{n} died in {e} at an old age in {d}.
{n} passed away in {d}.
{n} passed away in {e} in {d}.
{n} lived until {d}.
{n} was born in {y} and died in {d}.
{n} was born in {c} and died in {e} in {d}.
{n} lived from {y} to {d}.
In {d}, {n} died in {e}.
In {d}, {n} passed away.
Death came to {n} in {d}.
Death found {n} in {e} in {d}.
{n} worked as {o} until {z}.
{n} worked as {o} for thirty years.
{n} was employed as {o} in {e}.
{n} left {k}, the country of birth, in {z}.
{n} grew up in {e}, but was born in {c}.
{n} was named after an aunt and was born in {c}.
Everyone in {c} knows that {n} was born there.
Few know that {n} was born in {c}.
Few know that {n} was born in {y}.
Many people think of {n} as {o}.
People remember {n} as {o}.
Some books call {n} {o}.
We know that {n} was born in {y}.
We know that {n} was born in {c}, {k}.
Since {z}, {n} has earned money as {o}.
Long before {z}, {n} was already {o}.
When {n} was born in {y}, the town had no school.
When {n} was born, the family lived in {c}.
Like {ns} father, {n} became {o}.
To this day {n} is remembered as {o}.
Today {n} works as {o} in {e}.
At school {n} was quiet; later {n} became {o}.
"""

FILLERS = """
{n} lived in {e} for many years.
{n} moved to {e} in {z}.
{n} studied in {e}.
{n} studied in {e} until {z}.
{n} went to school in {e}.
In {z}, {n} moved to {e}.
In {z}, {n} married {m}.
{n} married {m} in {z}.
{n} met {m} in {e}.
{n} travelled to {e} in {z}.
{n} lives in {e} with two dogs.
{n} has two brothers and a sister.
{n} never learned to swim.
{n} liked long walks.
{n} likes old films and strong tea.
{n} wrote many letters.
{n} spoke four languages.
{n} has a house by a lake near {e}.
{ns} best friend was {m}.
{ns} letters were found in {z}.
{ns} teacher was {m}.
{ns} house in {e} can be visited.
A museum in {e} shows {ns} letters.
A street in {e} is named after {n}.
There is a statue of {n} in {e}.
In {z} a film about {n} was made in {e}.
Little else is known about {n}.
Not much is known about {ns} youth.
Friends of {n} speak of a kind and quiet person.
{n} was often ill.
{n} won a prize in {z}.
{n} returned to {e} in {z}.
{n} worked in {e} until {z}.
{n} worked with {m} in {e}.
Together with {m}, {n} founded a school in {e}.
{n} is a member of a choir in {e}.
{n} loves dogs.
{n} plays chess.
{n} collects stamps and old maps.
{n} moved back to {e}.
After {z}, {n} lived in {e}.
From {z} on, {n} lived with {m}.
{n} retired in {z}.
{m} was a pupil of {n}.
{m} wrote a book about {n}.
"""
