"""Why a page is not read: a value with words for a person, raised inside the page path only."""


class Refused(Exception):
    """The page will not be read, or can't be; the text says why in a few words."""


class NotPublic(Refused):
    """Somebody tried to lead us to an address that is not on the public internet."""
