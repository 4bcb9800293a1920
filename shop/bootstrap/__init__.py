"""From a bare Python to a running command: packages, settings of this checkout, servers. Standard library alone."""

from __future__ import annotations

import os
import sys

from shop.bootstrap import demo, local, venv, verbs
from shop.bootstrap.errors import BootstrapError
from shop.embedded import EmbeddedError

__all__ = ["BootstrapError", "prepare"]


def prepare(argv: list[str]) -> None:
    """Make `argv` runnable by Django, or run it here when it is not Django's; a refusal is one sentence and exit 1."""
    command = argv[1] if len(argv) > 1 else "help"
    try:
        _prepare(command, argv)
    except (BootstrapError, EmbeddedError) as refusal:
        sys.exit(f"Kingpost: {refusal}")


def _prepare(command: str, argv: list[str]) -> None:
    asks_for_help = bool({"-h", "--help"} & set(argv[2:]))
    if asks_for_help and command in verbs.HELP:
        print(verbs.HELP[command], end="")
        sys.exit(0)
    if command == "setup":
        venv.setup()
        sys.exit(0)
    if command in verbs.VERBS or command == "demo":
        venv.setup_unless_chosen()
    venv.enter(argv)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
    local.read_env_file()
    if command in verbs.VERBS:
        sys.exit(verbs.VERBS[command](argv[2:]))
    if command == "demo" and not asks_for_help:
        demo.prepare(argv[2:])
    elif asks_for_help or command in local.WITHOUT_SERVERS or command.startswith("-"):
        local.fill_without_servers()
    else:
        local.fill_with_servers()
