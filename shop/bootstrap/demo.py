"""What `manage.py demo` needs before Django reads its settings: a folder, a port, a key, a place for mail, servers."""

from __future__ import annotations

import argparse
import errno
import fcntl
import os
import shutil
import socket
import time
from pathlib import Path

from shop import embedded
from shop.bootstrap.errors import BootstrapError
from shop.bootstrap.local import data_dir, kept_secret_key

BEGAN = time.monotonic()
DEFAULT_PORT = 8000
_kept_open: list[int] = []  # the lock of the folder, held until this process ends


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default=os.environ.get("HOST") or "127.0.0.1", help="address to listen on (HOST)")
    parser.add_argument("--port", default=os.environ.get("PORT") or str(DEFAULT_PORT), help="port to listen on (PORT)")
    parser.add_argument("--reset", action="store_true", help="forget everything in the data folder and begin anew")


def prepare(argv: list[str]) -> None:
    """Check the folder and the port, then set the demo's environment and start the servers that are not named.

    Raises BootstrapError when the folder is in use or closed to us, or the port is taken; EmbeddedError for a server.
    """
    parser = argparse.ArgumentParser(add_help=False)
    add_arguments(parser)
    options, _ = parser.parse_known_args(argv)
    folder = data_dir()
    port = _port(options.port)
    _claim_folder(folder)
    _check_port(options.host, port)
    _set_environment(folder, options.host, port)
    if options.reset:
        _reset(folder)
    own = {"PostgreSQL": "DATABASE_URL", "Valkey": "REDIS_URL"}
    if missing := [name for name, variable in own.items() if not os.environ.get(variable)]:
        print(f"Starting {' and '.join(missing)} ...", flush=True)
    embedded.fill_urls(folder / "embedded")


def _port(text: str) -> int:
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise BootstrapError(f"{text!r} is not a port: it takes a number from 1 to 65535.")
    return int(text)


def _claim_folder(folder: Path) -> None:
    """One demo per folder: the lock goes when its process goes, however that ends."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        claim = os.open(folder / "demo.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise BootstrapError(
            f"cannot keep data in {folder} ({error.strerror}): set DATA_DIR to a folder you may write to."
        ) from error
    try:
        fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        running = os.read(claim, 200).decode().strip()
        raise BootstrapError(
            f"the demo already runs on the data in {folder} (process {running}): stop it, or set DATA_DIR."
        ) from None
    os.ftruncate(claim, 0)
    os.write(claim, f"{os.getpid()}\n".encode())
    _kept_open.append(claim)


def _check_port(host: str, port: int) -> None:
    if (refusal := _refusal(host, port)) is None:
        return
    if isinstance(refusal, PermissionError):
        raise BootstrapError(f"port {port} needs rights this user has not: PORT={max(port, 8000)} works without.")
    if isinstance(refusal, socket.gaierror) or refusal.errno != errno.EADDRINUSE:
        raise BootstrapError(f"cannot listen on {host}: {refusal.strerror}.")
    free = next((other for other in range(port + 1, min(port + 100, 65536)) if _refusal(host, other) is None), None)
    hint = f"PORT={free} is free" if free else "set PORT to a free one"
    raise BootstrapError(f"port {port} on {host} is taken by another program: {hint}.")


def _refusal(host: str, port: int) -> OSError | None:
    """Why nothing can listen at `host`:`port`, None when it can."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
            probe.listen(1)
    except OSError as error:
        return error
    return None


def _set_environment(folder: Path, host: str, port: int) -> None:
    shown = f"[{host}]" if ":" in host else host
    if host in ("0.0.0.0", "::"):  # noqa: S104 - asked for
        shown = "localhost"
        os.environ.setdefault("ALLOWED_HOSTS", "*")  # whoever asks to be seen from outside is called by many names
    elif host not in ("127.0.0.1", "::1", "localhost"):
        os.environ.setdefault("ALLOWED_HOSTS", f"{shown},127.0.0.1,localhost")
    os.environ["KINGPOST_DEMO"] = "1"
    os.environ["DATA_DIR"] = str(folder)
    os.environ["HOST"], os.environ["PORT"] = host, str(port)
    os.environ.setdefault("SITE_URL", f"http://{shown}:{port}")
    if not os.environ.get("SECRET_KEY"):
        os.environ["SECRET_KEY"] = kept_secret_key()
    if not os.environ.get("EMAIL_URL"):
        catcher = _free_port()
        os.environ["KINGPOST_CATCHER_PORT"] = str(catcher)
        os.environ["EMAIL_URL"] = f"smtp://127.0.0.1:{catcher}"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _reset(folder: Path) -> None:
    if os.environ.get("DATABASE_URL") or os.environ.get("REDIS_URL"):
        raise BootstrapError("--reset forgets the demo's own servers only; DATABASE_URL or REDIS_URL names others.")
    print(f"Forgetting everything in {folder} ...", flush=True)
    embedded.Servers(folder / "embedded").wipe()
    for kept in ("mail", "media"):
        shutil.rmtree(folder / kept, ignore_errors=True)
