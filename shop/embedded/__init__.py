"""Real servers for a machine that has none: PostgreSQL and Valkey out of wheels, for development, demo and tests.

Every process that uses the servers holds a shared lock on `<home>/lease` as long as it lives. Starting and
stopping happen under an exclusive lock on `<home>/lock`. Who can turn its lease into an exclusive one is the
last user and stops the servers. Alive means "answers", never "a number in a file exists".
Standard library alone (psycopg once setup has run), no Django: manage.py calls this before settings load.
"""

from __future__ import annotations

from shop.embedded.errors import EmbeddedError
from shop.embedded.servers import Servers, current, fill_urls

__all__ = ["EmbeddedError", "Servers", "current", "fill_urls"]
