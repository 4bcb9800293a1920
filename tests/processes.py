"""Real processes for tests that start, kill and count them."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent


def clean_environment(**extra: str) -> dict[str, str]:
    """The environment of somebody at a fresh terminal: nothing of ours is set."""
    ours = ("KINGPOST_", "DATABASE_URL", "REDIS_URL", "EMAIL_URL", "DATA_DIR", "SECRET_KEY", "SITE_URL", "PORT", "HOST")
    kept = {name: value for name, value in os.environ.items() if not name.startswith((*ours, "PYTEST", "DJANGO_"))}
    return kept | {"KINGPOST_NO_VENV": "1", "PYTHONUNBUFFERED": "1"} | extra


def manage(
    *words: str, environment: Mapping[str, str], timeout_seconds: float = 120
) -> subprocess.CompletedProcess[str]:
    """Run manage.py to its end."""
    command = [sys.executable, str(CHECKOUT / "manage.py"), *words]
    return subprocess.run(
        command, env=environment, cwd=CHECKOUT, capture_output=True, text=True, timeout=timeout_seconds, check=False
    )


def running_on(folder: Path) -> dict[int, str]:
    """Living processes (no zombies) started with DATA_DIR=`folder` or working inside it, and their command lines."""
    mark = f"DATA_DIR={folder}\0".encode()
    found = {}
    for entry in Path("/proc").iterdir():
        try:
            inside = folder in entry.joinpath("cwd").readlink().parents  # Valkey's title overwrites its environment
            if inside or mark in (entry / "environ").read_bytes():
                found[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
        except (OSError, ValueError):
            continue
    return found


def wait_for(condition: Callable[[], bool], *, seconds: float, what: str) -> None:
    """Wait until `condition` holds. Fails with `what` after so many seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{what}: not within {seconds} s"
        time.sleep(0.05)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
