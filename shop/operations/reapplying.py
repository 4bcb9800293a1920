"""Keep a journal of erasures outside the database, and carry them out once more after a restore from a backup.

Source: reliability reference 2.6 (a restore re-applies erasures); GDPR art. 17.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db import transaction

from shop.gateways import erasure_journal
from shop.models import DataRequest, ForgottenAddress
from shop.operations.data_requests import order_erasure
from shop.queries.data_requests import person_at
from shop.queries.personal_invariants import Named
from shop.rules.personal import Forgotten

log = logging.getLogger(__name__)

BATCH = 500


def journal_erasures(at: datetime) -> int:
    """Write erased addresses, salted and hashed, into the journal, at most one batch; return how many.

    Written first and noted then: a worker that dies in between leaves a line twice, which changes nothing.
    """
    rows = list(ForgottenAddress.objects.filter(journalled_at=None).order_by("id")[:BATCH])
    if not rows:
        return 0
    try:
        erasure_journal.add(
            Forgotten(row.salt, row.digest, row.refuses_mail, row.forgotten_at).as_line() for row in rows
        )
    except OSError as problem:  # the audit names what waits for too long
        log.warning("the journal of erasures cannot be written: %s", type(problem).__name__)
        return 0
    return ForgottenAddress.objects.filter(pk__in=[row.pk for row in rows]).update(journalled_at=at)


@transaction.atomic
def remember(forgotten: Sequence[Forgotten], *, at: datetime) -> int:
    """Enter the addresses of a journal that this database does not know as erased; return how many."""
    wanted = {(one.salt, one.digest): one for one in forgotten}
    rows = ForgottenAddress.objects.filter(digest__in=[digest for _salt, digest in wanted]).order_by("id")
    known = set(rows.values_list("salt", "digest"))
    missing = [one for key, one in wanted.items() if key not in known]
    ForgottenAddress.objects.bulk_create(
        ForgottenAddress(
            salt=one.salt,
            digest=one.digest,
            refuses_mail=one.refuses_mail,
            forgotten_at=one.forgotten_at,
            journalled_at=at,
        )
        for one in missing
    )
    return len(missing)


def erase_again(named: Named, *, at: datetime) -> DataRequest:
    """Begin the erasure of somebody a restore has brought back; she is not written to.  Raises WorksHere."""
    return order_erasure(
        person=person_at(named.address),
        locale=settings.LANGUAGE_CODE,
        refuses_mail=named.refuses_mail,
        again=True,
        at=at,
    )
