"""What needs no search: greetings, thanks, sums, and questions about the conversation itself."""

from collections.abc import Sequence
from random import Random

from app.chat.request import Message
from training.composing.exchanges import Exchange, Said, assistant, user
from training.questions.splitting import Shares

GREETINGS = (
    "Hi",
    "Hello",
    "Hello!",
    "Hi there",
    "Hey",
    "Good morning",
    "Good evening",
    "Good afternoon",
    "Hello, how are you?",
    "Hey, how are you?",
    "Greetings",
    "Hi, are you there?",
    "Hello assistant",
    "Good day",
    "Morning!",
    "Hiya",
)
_GREETED = ("Hello! What would you like to know?", "Hello! How can I help you?",
            "Hi! Ask me anything.")  # fmt: skip
THANKS = (
    "Thanks",
    "Thank you",
    "Thank you very much",
    "Thanks a lot!",
    "Great, thanks",
    "That helps, thank you",
    "Perfect, thanks",
    "Cheers",
    "Thank you, that is all",
    "Many thanks",
)
_WELCOME = ("You're welcome!", "You're welcome. Ask me anything else.", "Gladly!")
PARTING = (
    "Bye",
    "Goodbye",
    "See you",
    "Good night",
    "Bye for now",
    "See you later",
    "That's all, bye",
)
_PARTED = ("Goodbye!", "Goodbye! Come back any time.", "See you!")
ABOUT = (
    "Who are you?",
    "What are you?",
    "What can you do?",
    "How can you help me?",
    "Are you a human?",
    "What do you do when you don't know something?",
    "Can you search the web?",
    "Tell me about yourself",
)
_ABOUT = (
    "I am an assistant. I answer what I know, look up what I don't, and say so when I can't find "
    "it.",
    "I am an AI assistant: I answer questions, search when I need to, and tell you when I don't "
    "know.",
)
_ABOUT_OFF = (
    "I am an assistant. I answer what I know, and say so when I don't know.",
    "I am an AI assistant: I answer questions, and tell you when I don't know.",
)


def small_talk(rng: Random, shares: Shares) -> Exchange:
    """A greeting, thanks, a farewell, or a question about the assistant."""
    may_search = rng.random() < 0.8
    about = _ABOUT if may_search else _ABOUT_OFF
    said, replies = rng.choice(
        ((GREETINGS, _GREETED), (THANKS, _WELCOME), (PARTING, _PARTED), (ABOUT, about))
    )
    text = rng.choice(said)
    if rng.random() < 0.3:
        text = text.lower()
    return Exchange(
        "small talk", shares.split(f"talk:{text.lower()}"), (user(text),),
        (Said(rng.choice(replies)),), may_search,
    )  # fmt: skip


_THINGS = (
    "apples",
    "pears",
    "coins",
    "books",
    "eggs",
    "stamps",
    "chairs",
    "tickets",
    "pens",
    "cups",
)
_NAMES = ("Anna", "Tom", "Maria", "Ben", "Lea", "Omar", "Nina", "Paul")


def sum_in_words(rng: Random, shares: Shares) -> Exchange:
    """Arithmetic whose numbers all stand in the text."""
    one, two = rng.randint(2, 99), rng.randint(2, 99)
    big, small = max(one, two), min(one, two)
    name, thing = rng.choice(_NAMES), rng.choice(_THINGS)
    asked, reply = rng.choice(
        (
            (f"What is {one} + {two}?", f"{one} + {two} = {one + two}."),
            (f"How much is {one} plus {two}?", f"{one} plus {two} is {one + two}."),
            (f"What is {big} - {small}?", f"{big} - {small} = {big - small}."),
            (f"{big} minus {small}?", f"{big} minus {small} is {big - small}."),
            (f"What is {one % 12 + 2} times {two % 12 + 2}?",
             f"{one % 12 + 2} times {two % 12 + 2} is {(one % 12 + 2) * (two % 12 + 2)}."),
            (f"{name} has {big} {thing} and gives away {small}. How many are left?",
             f"{name} has {big - small} {thing} left."),
            (f"I have {one} {thing} and buy {two} more. How many {thing} do I have?",
             f"You have {one + two} {thing}."),
        )
    )  # fmt: skip
    return Exchange(
        "arithmetic", shares.split(f"sum:{asked}"), (user(asked),), (Said(reply),),
        rng.random() < 0.8,
    )  # fmt: skip


def about_conversation(history: Sequence[Message], rng: Random) -> tuple[str, Said]:
    """A question about what was said before, with its answer."""
    asked = [message.content for message in history if message.role == "user"]
    told = [message.content for message in history if message.role == "assistant"]
    return rng.choice(
        (
            (rng.choice(("What did I just ask?", "What was my last question?")),
             Said(f'You asked: "{asked[-1]}"')),
            (rng.choice(("What did you just say?", "Can you repeat your last answer?")),
             Said(told[-1])),
            ("How many questions have I asked so far?",
             Said(f"You have asked {len(asked)} question{'s' if len(asked) != 1 else ''} before "
                  "this one.")),
            ("What was the first thing I asked?", Said(f'You asked: "{asked[0]}"')),
        )
    )  # fmt: skip


def turn(question: str, reply: str) -> tuple[Message, Message]:
    """An earlier question and its answer."""
    return user(question), assistant(reply)
