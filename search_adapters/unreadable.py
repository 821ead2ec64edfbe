"""The one thing that can go wrong with somebody's file."""


class Unreadable(Exception):
    """A file has no text for us; the message says why, in words for its owner."""
