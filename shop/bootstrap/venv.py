"""The packages: .venv/ in the checkout, exactly what requirements.txt locks, rebuilt only when that changes."""

from __future__ import annotations

import fcntl
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

from shop.bootstrap.bytecode import keep_compiled_code
from shop.bootstrap.errors import BootstrapError
from shop.bootstrap.local import CHECKOUT

VENV = CHECKOUT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "kingpost-stamp"
LOCK = CHECKOUT / "requirements.txt"
NEEDED = ("django", "environ", "celery", "psycopg", "granian")


def setup() -> None:
    """Build .venv/ unless it is what requirements.txt asks for under this Python.

    Raises BootstrapError, in one sentence, when it cannot be done.
    """
    if is_fresh():
        return
    try:
        (CHECKOUT / "var").mkdir(exist_ok=True)
        with (CHECKOUT / "var" / "setup.lock").open("w") as turn:
            fcntl.flock(turn, fcntl.LOCK_EX)  # two terminals: one builds, the other waits and finds it done
            if not is_fresh():
                _build()
    except OSError as error:
        raise BootstrapError(
            f"cannot build {VENV} ({error.strerror}): the checkout has to be writable for setup."
        ) from error


def setup_unless_chosen() -> None:
    """Set up, unless this Python was chosen on purpose (an image, another virtual environment).

    A .venv/ another Python built is good enough, unless the one we run in was named: `make PYTHON=python3.13 demo`.
    """
    if not _chosen() and not is_fresh(any_python=not _named(sys.orig_argv[0])):
        setup()


def _named(program: str) -> bool:
    """Tell `python3.13` and `/opt/python/bin/python3`, which somebody meant, from plain `python3`, which was there."""
    return "/" in program or bool(re.search(r"\d\.\d+$", program))


def enter(argv: list[str]) -> None:
    """Go on in .venv/ if we are not in it: same arguments, same process number.

    Raises BootstrapError when there is nothing to go on in.
    """
    if _chosen():
        return
    keep_compiled_code()
    if Path(sys.prefix).resolve() == VENV.resolve():
        return
    if not PYTHON.exists():
        raise BootstrapError("the packages are not here yet: run `python3 manage.py setup` (or `make setup`) first.")
    if not is_fresh(any_python=True):
        _say("requirements.txt has changed since .venv was built: `python3 manage.py setup` brings it up to date.")
    sys.stdout.flush()
    os.execv(PYTHON, [str(PYTHON), *argv])  # noqa: S606 - our own interpreter


def is_fresh(*, any_python: bool = False) -> bool:
    try:
        found = STAMP.read_text().split()
    except OSError:
        return False
    wanted = _stamp().split()
    return PYTHON.exists() and (found[:1] == wanted[:1] if any_python else found == wanted)


def _stamp() -> str:
    digest = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    return f"{digest} {sys.version_info[0]}.{sys.version_info[1]} {platform.machine()}"


def _chosen() -> bool:
    if Path(sys.prefix).resolve() == VENV.resolve():
        return False
    in_other_venv = sys.prefix != sys.base_prefix
    complete = all(find_spec(name) for name in NEEDED)
    if os.environ.get("KINGPOST_NO_VENV") and not complete:
        raise BootstrapError("KINGPOST_NO_VENV is set, but this Python lacks packages: unset it, or install them.")
    return complete and (in_other_venv or bool(os.environ.get("KINGPOST_NO_VENV")))


def _build() -> None:
    STAMP.unlink(missing_ok=True)
    began = time.monotonic()
    packages = sum(1 for line in LOCK.read_text().splitlines() if "==" in line and not line.startswith((" ", "#")))
    _say(f"Setting up .venv with Python {platform.python_version()} and {packages} packages ...")
    if not (_build_with_uv() or _build_with_pip()):
        raise BootstrapError("the packages could not be fetched (see above): check the network and run it again.")
    STAMP.write_text(_stamp())
    _say(f"Set up in {time.monotonic() - began:.0f} s.")


def _build_with_uv() -> bool:
    uv = shutil.which("uv")
    if uv is None:
        return False
    done = _run(uv, "venv", "--quiet", "--clear", "--no-project", "--python", _base_python(), VENV) and _run(
        uv, "pip", "sync", "--quiet", "--require-hashes", "--python", PYTHON, LOCK
    )
    if not done:
        _say("uv did not manage; trying with pip.")
    return done


def _build_with_pip() -> bool:
    base = _base_python()
    if _can(base, "ensurepip"):
        made = _run(base, "-m", "venv", "--clear", VENV)
        pip: list[str | Path] = [PYTHON, "-m", "pip"]
    elif _can(base, "pip"):  # Debian without python3-venv
        made = _run(base, "-m", "venv", "--clear", "--without-pip", VENV)
        pip = [base, "-m", "pip", "--python", PYTHON]
    else:
        raise BootstrapError("there is no uv, no pip and no venv here: install one (Debian: apt install python3-venv).")
    if not made:
        raise BootstrapError(f"{VENV} cannot be made (see above): is the checkout writable?")
    _say("Fetching the packages with pip, about half a minute ...")
    return _run(*pip, "install", "--quiet", "--no-input", "--disable-pip-version-check", "--require-hashes", "-r", LOCK)


def _base_python() -> Path:
    """The interpreter outside any virtual environment: the one we run in may be about to be replaced."""
    name = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    base = Path(sys.base_prefix) / "bin" / name
    return base if base.exists() else Path(sys.executable)


def _can(python: Path, module: str) -> bool:
    return subprocess.run([python, "-c", f"import {module}"], capture_output=True).returncode == 0


def _run(*command: str | Path) -> bool:
    # A virtual environment that is switched on, or a wish to install elsewhere, must not lead pip or uv astray.
    environment = {
        name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "PIP_USER", "PIP_TARGET")
    }
    return subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL, env=environment).returncode == 0


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
