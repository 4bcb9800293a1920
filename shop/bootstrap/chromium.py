"""A browser for the browser journeys: found, installed where we may, or asked for in one line."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find() -> str | None:
    """$KINGPOST_CHROMIUM, then Playwright's own, then what is on PATH; None when there is none."""
    named = os.environ.get("KINGPOST_CHROMIUM")
    if named:
        return named if os.access(named, os.X_OK) else None
    store = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright")
    for program in sorted(store.glob("chromium-*/chrome-linux*/chrome"), reverse=True):
        return str(program)
    return next((found for name in NAMES if (found := shutil.which(name))), None)


def find_or_install() -> str | None:
    """Find a browser; as root on a Debian install one; else say in one line how to get one and return None."""
    if found := find():
        return found
    if named := os.environ.get("KINGPOST_CHROMIUM"):
        _say(f"KINGPOST_CHROMIUM names {named}, which cannot be run, so the browser journeys will not run.")
        return None
    if os.geteuid() == 0 and shutil.which("apt-get"):
        _say("Installing Chromium for the browser journeys (apt-get, about 300 MB) ...")
        if _apt("update") and _apt("install", "--yes", "--no-install-recommends", "chromium", "fonts-liberation"):
            return find()
    _say(
        "There is no Chromium, so the browser journeys will not run: "
        "`apt install chromium`, or name one in KINGPOST_CHROMIUM."
    )
    return None


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _apt(*arguments: str) -> bool:
    command = ["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=600", *arguments]
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    ran = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False)
    return ran.returncode == 0
