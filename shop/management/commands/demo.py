"""`manage.py demo`: the whole shop on this machine until Ctrl-C."""

from __future__ import annotations

import http.client
import os
import socket
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management import CommandError, CommandParser, call_command, get_commands
from django.core.management.base import BaseCommand
from django.db import DatabaseError, OperationalError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from shop import embedded
from shop.bootstrap.alive import visitors_host
from shop.bootstrap.demo import BEGAN, add_arguments
from shop.gateways import broker
from shop.operations import seed_memory
from shop.supervisor import Child, Supervisor

READY_WITHIN_SECONDS = 60
WORKER = ["worker", "-c", "2", "--without-gossip", "--without-mingle", "-l", "warning"]
BEAT = ["beat", "--scheduler", "celery.beat:Scheduler", "-l", "warning"]


class Command(BaseCommand):
    """Start servers, web, worker, beat, mail catcher and courier; stop all of them at Ctrl-C or SIGTERM."""

    help = (
        "Run the whole demo shop on this machine: servers, web, worker, beat, mail catcher. Ctrl-C stops it. "
        "Example: manage.py demo --port 8080"
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the same options the bootstrap has read before Django was there."""
        add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Prepare the data, then run until asked to stop. Raises CommandError when a named server does not answer."""
        _check_database()
        _check_broker(settings.REDIS_URL)
        _check_mail_server()
        servers = embedded.current()
        children = _children(options["host"], options["port"])
        self._say(f"Starting {', '.join(child.name for child in children)} ...")
        self.supervisor = Supervisor(
            children=children,
            folder=settings.BASE_DIR,
            logs=Path(settings.DATA_DIR) / "logs",
            say=self._say,
            watch=lambda: _revive(servers) if servers else [],
        )
        self.supervisor.run(on_start=self._get_ready)
        if servers:
            servers.release()
        self._say("Stopped. Everything is kept; start it again to go on.")

    def _get_ready(self) -> None:
        """Prepare the data while the web server loads; who works on the data starts when it is there."""
        try:
            if _migrations_wait():
                self._say("Bringing the database up to date ...")
                call_command("migrate", interactive=False, verbosity=0)
        except DatabaseError as error:
            raise CommandError(f"the database cannot be brought up to date: {_first_line(error)}") from error
        at = timezone.now()
        state = seed_memory.state_of_the_code(at)
        if not seed_memory.is_laid(state=state):
            self._say("Filling the shop ...")
            call_command("seed_demo", verbosity=0, stdout=self.stdout)
            seed_memory.note_laid(state=state, at=at)
        connection.close()
        answers = self._answers_in_time()
        self.supervisor.start_held()  # not before: until the shop answers it has the machine to itself
        if answers and not self.supervisor.look():
            self._announce()

    def _answers_in_time(self) -> bool:
        """Wait until the shop answers; False when it does not, or when we are asked to stop."""
        deadline = time.monotonic() + READY_WITHIN_SECONDS
        while not _ready(os.environ.get("HOST", "127.0.0.1"), int(os.environ["PORT"])):
            if self.supervisor.look():
                return False
            if time.monotonic() > deadline:
                self._say(
                    f"The shop is not ready after {READY_WITHIN_SECONDS} s; its logs are in {settings.DATA_DIR}/logs."
                )
                return False
            time.sleep(0.05)
        return True

    def _announce(self) -> None:
        """Say where everything is."""
        lines = ["", f"Ready in {time.monotonic() - BEGAN:.1f} s.", f"  shop     {settings.SITE_URL}/"]
        lines += [f"  staff    {settings.SITE_URL}/admin/"]
        lines += [f"           {login}" for login in _logins()]
        if os.environ.get("KINGPOST_CATCHER_PORT"):
            lines += [f"  mail     {settings.SITE_URL}/demo/mailbox/"]
        self._say("\n".join([*lines, f"  data     {settings.DATA_DIR}", "Ctrl-C stops it.", ""]))

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def _migrations_wait() -> bool:
    """Tell whether there is anything to migrate; asking costs a tenth of migrating nothing."""
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _check_database() -> None:
    try:
        connection.ensure_connection()
    except OperationalError as error:
        raise CommandError(f"the database in DATABASE_URL does not answer: {_first_line(error)}") from None


def _check_broker(url: str) -> None:
    where = urlsplit(url)
    if where.scheme not in ("redis", "rediss", "unix"):
        raise CommandError("REDIS_URL names no Redis: write redis://host:6379/0.")
    if not broker.answers(timeout_seconds=5):
        place = where.path if where.scheme == "unix" else f"{where.hostname}:{where.port or 6379}"
        raise CommandError(f"the Redis in REDIS_URL ({place}) does not answer: start it, or unset REDIS_URL.")


def _check_mail_server() -> None:
    """Ask the server of EMAIL_URL to take a connection; our own catcher starts with us, a provider is no server."""
    if os.environ.get("KINGPOST_CATCHER_PORT") or "smtp" not in settings.EMAIL_BACKEND:
        return
    where = (settings.EMAIL_HOST, int(settings.EMAIL_PORT or 25))
    try:
        socket.create_connection(where, timeout=5).close()
    except OSError:
        place = f"{where[0]}:{where[1]}"
        raise CommandError(
            f"the mail server in EMAIL_URL ({place}) does not answer: start it, or unset EMAIL_URL."
        ) from None


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0]


def _revive(servers: embedded.Servers) -> list[str]:
    try:
        return [f"{name} was gone and has been started again." for name in servers.revive()]
    except embedded.EmbeddedError as refusal:
        return [f"{refusal} Trying again."]


def _children(host: str, port: str) -> list[Child]:
    python = sys.executable
    celery = [python, "-m", "celery", "--app", "shop"]
    web = [python, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", port, "--workers", "2"]
    web += ["--blocking-threads", "4", "--no-ws", "--respawn-failed-workers", "--respawn-interval", "0.5"]
    web += ["--workers-kill-timeout", "10", "shop.wsgi:application"]
    children = [
        Child("web", web, stop_turn=2),
        Child("worker", [*celery, *WORKER], stop_turn=2, held=True),
        Child("beat", [*celery, *BEAT], stop_turn=1, held=True),
    ]
    if catcher := os.environ.get("KINGPOST_CATCHER_PORT"):
        mail = [python, "-m", "shop.mail_catcher", str(settings.MAILBOX_DIR), catcher]
        children.insert(0, Child("mail", mail, stop_turn=3))
    if "demo_courier" in get_commands():
        children.append(Child("courier", [python, "manage.py", "demo_courier"], stop_turn=1, held=True))
    return children


def _ready(host: str, port: int) -> bool:
    ask = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - where "everywhere" can be asked
    try:
        wire = http.client.HTTPConnection(ask, port, timeout=5)
        wire.request("GET", "/readyz", headers={"Host": visitors_host(settings.ALLOWED_HOSTS)})
        return wire.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False


def _logins() -> list[str]:
    """The staff logins the demo data made, as "login / password"; none while there is no demo data."""
    if "seed_demo" not in get_commands():
        return []
    seed = import_module("shop.management.commands.seed_demo")
    return list(seed.demo_logins()) if hasattr(seed, "demo_logins") else []
