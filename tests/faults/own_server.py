"""A PostgreSQL of a test's own that keeps what it said yes to, so that it may crash in the middle."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.management import call_command
from django.db import connection

from shop.embedded import places
from shop.embedded.postgres import DATABASE, USER, Postgres


class OwnServer:
    """The server of one test.  Unlike the one the suite shares it syncs every commit."""

    def __init__(self, home: Path) -> None:
        self.postgres = Postgres(places.prepare(home), durable=True)

    def crash(self) -> None:
        """End it as `pg_ctl -m immediate restart` does: nothing is written any more, every client is cut off."""
        programs, cluster = self.postgres._bin, self.postgres._cluster
        words = [str(programs / "pg_ctl"), "stop", "-D", str(cluster), "-m", "immediate", "-w"]
        subprocess.run(words, check=True, capture_output=True, cwd="/", **self.postgres._as_server_user())
        if self.postgres._process:
            self.postgres._process.wait(10)
        self.postgres.start()


@contextmanager
def own_server() -> Iterator[OwnServer]:
    """Point the connection, and DATABASE_URL, at a migrated database on a server of its own until the block ends."""
    home = Path(tempfile.mkdtemp(prefix="kp-storm-"))
    server = OwnServer(home)
    given_url, given = os.environ["DATABASE_URL"], dict(connection.settings_dict)
    server.postgres.start()
    try:
        connection.close()
        connection.settings_dict |= {
            "HOST": str(server.postgres.places.pg_sockets),
            "NAME": DATABASE,
            "USER": USER,
            "PORT": "",
            "PASSWORD": "",
        }
        os.environ["DATABASE_URL"] = server.postgres.url
        call_command("migrate", interactive=False, verbosity=0)
        yield server
    finally:
        connection.close()
        connection.settings_dict.update(given)
        os.environ["DATABASE_URL"] = given_url
        server.postgres.stop()
        places.tidy(server.postgres.places)
        for folder in server.postgres.forget():
            shutil.rmtree(folder, ignore_errors=True)
        shutil.rmtree(home, ignore_errors=True)
