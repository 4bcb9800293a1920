"""A real SMTP server that keeps every letter as a file. No Django: it starts in a blink."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

LARGEST_LETTER_BYTES = 25_000_000
LETTERS_KEPT = 2000


class Mailbox:
    """A folder of letters, one .eml each; names sort by arrival. A letter is there whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        names = sorted(folder.glob("*.eml"))
        self._last = int(names[-1].stem) if names and names[-1].stem.isdigit() else 0

    def keep(self, *, sender: str, recipients: list[str], content: bytes) -> Path:
        """Write the letter to the disk itself before returning, with its envelope as the first two headers."""
        self._last = max(time.time_ns(), self._last + 1)
        letter = self.folder / f"{self._last:020d}.eml"
        envelope = f"X-Envelope-From: {sender}\r\nX-Envelope-To: {', '.join(recipients)}\r\n"
        unfinished = letter.with_suffix(".writing")
        with unfinished.open("wb") as out:
            out.write(envelope.encode() + content)
            out.flush()
            os.fsync(out.fileno())
        unfinished.rename(letter)
        _sync_folder(self.folder)
        for old in sorted(self.folder.glob("*.eml"))[:-LETTERS_KEPT]:
            old.unlink(missing_ok=True)
        return letter


class Receiver:
    """What aiosmtpd calls for every letter."""

    def __init__(self, mailbox: Mailbox) -> None:
        self.mailbox = mailbox

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """Say "accepted" only when the letter is on the disk."""
        try:
            self.mailbox.keep(sender=envelope.mail_from or "", recipients=envelope.rcpt_tos, content=envelope.content)
        except OSError as error:
            return f"451 4.3.0 The mailbox cannot be written ({error.strerror}); try again later"
        return "250 2.0.0 Kept"


class CannotReceive(Exception):
    """The port is taken or the folder cannot be written; the sentence says which."""


def receive(*, folder: Path, port: int) -> None:
    """Receive mail on 127.0.0.1:`port` into `folder` until SIGTERM.

    Raises CannotReceive when the port is taken or the folder closed to us.
    """
    logging.getLogger("mail.log").setLevel(logging.WARNING)  # aiosmtpd would tell who writes to whom
    try:
        asyncio.run(_serve(Mailbox(folder), port))
    except OSError as error:
        raise CannotReceive(f"cannot receive mail on 127.0.0.1:{port}: {error.strerror or error}") from error


def main() -> None:
    """Serve without Django, which a demo starts faster: `python -m shop.mail_catcher FOLDER PORT`."""
    try:
        receive(folder=Path(sys.argv[1]), port=int(sys.argv[2]))
    except CannotReceive as refusal:
        sys.exit(str(refusal))


async def _serve(mailbox: Mailbox, port: int) -> None:
    from aiosmtpd.smtp import SMTP  # not in production

    def talk() -> SMTP:
        return SMTP(
            Receiver(mailbox),
            data_size_limit=LARGEST_LETTER_BYTES,
            enable_SMTPUTF8=True,
            hostname="mail.kingpost.invalid",
            ident="Kingpost mail catcher",
        )

    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, stop.set)
    server = await loop.create_server(talk, "127.0.0.1", port)
    try:
        await stop.wait()
    finally:
        server.close()


def _sync_folder(folder: Path) -> None:
    place = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(place)
    finally:
        os.close(place)


if __name__ == "__main__":
    main()
