from tests.api.conftest import redis_url as redis_url
from tests.cli.conftest import start as start
