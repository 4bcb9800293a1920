"""One Valkey (or Redis) server on a Unix socket."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from pathlib import Path

from shop.embedded.binaries import find_valkey
from shop.embedded.errors import EmbeddedError
from shop.embedded.locks import Life
from shop.embedded.logs import open_log, tail
from shop.embedded.places import Places

READY_WITHIN_SECONDS = 60
FROZEN_AFTER_SECONDS = 10


class Valkey:
    name = "Valkey"
    variable = "REDIS_URL"

    def __init__(self, places: Places, *, durable: bool) -> None:
        self.places = places
        self.folder = places.store / "valkey"
        self.socket = places.valkey_socket
        self.log = places.home / "valkey.log"
        self.durable = durable
        self.life = Life(places.home / "valkey.alive")
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"unix://{self.socket}?db=0"

    def answers(self) -> bool:
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as wire:
            wire.settimeout(2)
            wire.connect(str(self.socket))
            wire.sendall(b"PING\r\n")
            return wire.recv(16).startswith(b"+PONG")
        return False

    def start(self) -> None:
        """Start the server unless it answers, and wait until it does.

        Raises EmbeddedError when it does not within 60 seconds.
        """
        if self.answers():
            return
        if self.life.alive():
            self._end_frozen()
        process = self.launch()
        deadline = time.monotonic() + READY_WITHIN_SECONDS
        while not self.answers():
            if process.poll() is not None:
                raise EmbeddedError(f"Valkey did not start ({self.log}): {tail(self.log)}")
            if time.monotonic() > deadline:
                raise EmbeddedError(
                    f"Valkey does not answer after {READY_WITHIN_SECONDS} seconds; its log is {self.log}."
                )
            time.sleep(0.02)

    def launch(self) -> subprocess.Popen[bytes]:
        """Start the process without waiting for an answer; only when no older one lives."""
        self.folder.mkdir(exist_ok=True, mode=0o700)
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.folder),
            "appendonly": "yes" if self.durable else "no",
            "appendfsync": "everysec",
            "save": "",
            "maxmemory-policy": "noeviction",
            "daemonize": "no",
        }
        command = [str(find_valkey())]
        for option, value in options.items():
            command += [f"--{option}", value]
        with self.life.hand_over() as alive, open_log(self.log) as log:
            self._process = process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                pass_fds=[alive],
                cwd="/",
            )
            self.life.note_pid(process.pid)
        return process

    def stop(self) -> None:
        """Ask the server to write down what it has and end; insist after ten seconds."""
        pid = self.life.pid()
        if pid is None:
            return
        for sign in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, sign)
            deadline = time.monotonic() + FROZEN_AFTER_SECONDS
            while self.life.alive() and time.monotonic() < deadline:
                time.sleep(0.02)
            if not self.life.alive():
                break
        if self._process:
            self._process.poll()
        self.socket.unlink(missing_ok=True)

    def forget(self) -> list[Path]:
        """The folders that hold everything this server knows."""
        return [self.folder] if self.folder.exists() else []

    def _end_frozen(self) -> None:
        """A process that lives but does not answer (stopped, or its socket was swept away) makes room for a new one."""
        deadline = time.monotonic() + FROZEN_AFTER_SECONDS
        while time.monotonic() < deadline:  # it may be reading a long journal
            if self.answers() or not self.life.alive():
                break
            time.sleep(0.1)
        if not self.answers():
            self.stop()
