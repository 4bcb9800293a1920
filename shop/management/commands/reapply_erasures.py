"""Erase again whom a restore from a backup has brought back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from shop.gateways import erasure_journal
from shop.models import DataRequest
from shop.operations.data_requests import WorksHere
from shop.operations.reapplying import erase_again, remember
from shop.operations.serving_data import serve_now
from shop.queries.personal_invariants import Named, named_again
from shop.rules.personal import Forgotten, read_forgotten


class Command(BaseCommand):
    """Reads the journal of erasures, which the backup did not take back; running it again changes nothing."""

    help = (
        "Erase again whom a restore has brought back: reads the journal of erasures (setting ERASURE_JOURNAL), which "
        "is kept beside the database and names nobody. Run it after every restore, before the shop is opened. "
        "Example: manage.py reapply_erasures /mnt/kept/erasures.jsonl --dry-run"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the journals and whether to look only."""
        parser.add_argument("journals", metavar="FILE", nargs="*", help="journals; without one, the shop's own")
        parser.add_argument("--dry-run", action="store_true", help="say how many would be erased; change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Bring the hashes in, look who is named, erase her again."""
        forgotten = self._read(options["journals"] or [settings.ERASURE_JOURNAL])
        with transaction.atomic():
            unknown = remember(forgotten, at=timezone.now())
            named = named_again()
            transaction.set_rollback(options["dry_run"])
        self.stdout.write(_counts(forgotten, unknown, named))
        if options["dry_run"]:
            self.stdout.write("Nothing was changed.")
            return
        for state, many in self._erase(named).items():
            self.stdout.write(f"{many} {state}")

    def _read(self, journals: list[str]) -> list[Forgotten]:
        found = []
        for journal in journals:
            try:
                lines = erasure_journal.read(Path(journal))
            except OSError as problem:
                raise CommandError(f"The journal {journal} cannot be read: {problem.strerror}.") from None
            read = [read_forgotten(line) for line in lines]
            found += [one for one in read if one is not None]
            if broken := read.count(None):
                self.stderr.write(f"{journal}: {broken} lines cannot be read and are left out.")
        return found

    def _erase(self, named: list[Named]) -> dict[str, int]:
        told: dict[str, int] = {}
        for one in named:
            state = _erase(one)
            told[state] = told.get(state, 0) + 1
        return told


def _erase(named: Named) -> str:
    at = timezone.now()
    try:
        request = erase_again(named, at=at)
    except WorksHere:
        return "belong to staff: take their roles and their staff status away, then run it again"
    serve_now(request_id=request.pk, at=at)
    request.refresh_from_db()
    if request.state == DataRequest.State.DONE:
        return "erased again"
    return "under way: open orders or mails hold them, a worker finishes them"


def _counts(forgotten: list[Forgotten], unknown: int, named: list[Named]) -> str:
    return (
        f"{len({one.digest for one in forgotten})} erased addresses in the journal, {unknown} of them unknown here; "
        f"{len(named)} stand somewhere in the database."
    )
