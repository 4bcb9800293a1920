"""Compiled code is kept: without it each of our many processes would compile all packages anew, seconds every time."""

from __future__ import annotations

import os
import sys

from shop.bootstrap.local import CHECKOUT


def keep_compiled_code() -> None:
    """Who asked for none beside the sources (PYTHONDONTWRITEBYTECODE) gets it in var/bytecode, children included."""
    if not sys.dont_write_bytecode:
        return
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ.setdefault("PYTHONPYCACHEPREFIX", str(CHECKOUT / "var" / "bytecode"))
    sys.pycache_prefix = os.environ["PYTHONPYCACHEPREFIX"]
    sys.dont_write_bytecode = False
