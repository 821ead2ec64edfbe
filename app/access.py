"""Who may ask a gateway with these settings; a part of the composition root, like `app.main`."""

import logging

from app.engine import StartError
from app.errors import StoreUnavailable
from app.http.application import Access
from app.http.keyring import Keyring
from app.http.own_names import loopback
from app.settings import Settings

logger = logging.getLogger(__name__)


def access_of(settings: Settings) -> Access:
    """What the settings say of access."""
    return Access(
        open=settings.open,
        hosts=settings.allowed_hosts,
        cors_origins=settings.cors_origins,
        body_seconds=settings.body_timeout,
    )


async def reachable_by(settings: Settings, keyring: Keyring) -> None:
    """Refuse to serve a whole network where nobody needs a key.

    Raises:
        StartError: the address is no loopback one, and there is no key.
    """
    if settings.open or loopback(settings.host):
        return
    try:
        closed = await keyring.closed()
    except StoreUnavailable as error:
        # The door asks again with each request, and lets nobody in that it doesn't know.
        logger.warning("Whether there are API keys is not known yet: %s", error.message)
        return
    if not closed:
        raise StartError(
            f"at {settings.host or 'every address'} anybody who reaches this machine could ask, as "
            "there is no API key. Make one ('orson keys add NAME') or set ORSON_API_KEYS; or set "
            "ORSON_OPEN=true behind a proxy that asks for keys itself"
        )
