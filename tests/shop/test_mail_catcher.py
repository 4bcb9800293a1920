"""The mail catcher keeps letters whole, in order, and says no when it cannot."""

from __future__ import annotations

import asyncio
import smtplib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from shop import mail_catcher
from shop.mail_catcher import Mailbox, Receiver
from tests.processes import CHECKOUT, clean_environment, free_port, manage, wait_for


def _keep(mailbox: Mailbox, text: str) -> Path:
    return mailbox.keep(sender="a@example.org", recipients=["b@example.org", "c@example.org"], content=text.encode())


def test_letters_sort_by_arrival_also_after_a_restart(tmp_path: Path) -> None:
    first = Mailbox(tmp_path)
    kept = [_keep(first, str(number)) for number in range(3)]
    kept.append(_keep(Mailbox(tmp_path), "3"))
    assert sorted(tmp_path.iterdir()) == kept


def test_letter_carries_its_envelope(tmp_path: Path) -> None:
    letter = _keep(Mailbox(tmp_path), "Subject: x\r\n\r\n")
    assert letter.read_text().split("\n")[:2] == [
        "X-Envelope-From: a@example.org",
        "X-Envelope-To: b@example.org, c@example.org",
    ]


def test_oldest_letters_go_when_there_are_too_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail_catcher, "LETTERS_KEPT", 2)
    mailbox = Mailbox(tmp_path)
    kept = [_keep(mailbox, str(number)) for number in range(3)]
    assert sorted(tmp_path.iterdir()) == kept[1:]


def test_full_disk_is_told_to_the_sender(tmp_path: Path) -> None:
    mailbox = Mailbox(tmp_path / "gone")
    mailbox.folder.rmdir()
    envelope = SimpleNamespace(mail_from="a@example.org", rcpt_tos=["b@example.org"], content=b"x")
    answer = asyncio.run(Receiver(mailbox).handle_DATA(None, None, envelope))
    assert answer == "451 4.3.0 The mailbox cannot be written (No such file or directory); try again later"


@pytest.fixture
def catcher(tmp_path: Path) -> Iterator[int]:
    port = free_port()
    command = [sys.executable, "manage.py", "mail_catcher", "--port", str(port)]
    process = subprocess.Popen(command, env=clean_environment(DATA_DIR=str(tmp_path)), cwd=CHECKOUT)

    def listens() -> bool:
        try:
            smtplib.SMTP("127.0.0.1", port).quit()
        except OSError:
            return False
        return True

    wait_for(listens, seconds=20, what="the catcher listening")
    yield port
    process.terminate()
    assert process.wait(timeout=10) == 0


def test_letter_over_smtp_is_kept_and_too_large_a_one_refused(catcher: int, tmp_path: Path) -> None:
    with smtplib.SMTP("127.0.0.1", catcher) as wire:
        wire.sendmail("a@example.org", ["b@example.org"], b"Subject: one\r\n\r\n" + (b"x" * 900 + b"\r\n") * 100)
        (letter,) = (tmp_path / "mail").glob("*.eml")
        assert letter.read_bytes().count(b"x" * 900 + b"\r\n") == 100
        with pytest.raises(smtplib.SMTPException, match="552"):
            wire.sendmail("a@example.org", ["b@example.org"], (b"x" * 900 + b"\r\n") * 30_000)
    assert len(list((tmp_path / "mail").iterdir())) == 1
    told = manage("mail_catcher", "--port", str(catcher), environment=clean_environment(DATA_DIR=str(tmp_path)))
    assert told.returncode == 1
    assert told.stderr.startswith(f"CommandError: cannot receive mail on 127.0.0.1:{catcher}: ")
    assert told.stderr.count("\n") == 1
