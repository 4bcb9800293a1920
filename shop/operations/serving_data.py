"""The sweep that answers requests about data: makes copies, erases step by step, keeps the journal, ends old links.

A request is leased; every step is a transaction of its own that notes itself in the same commit: a worker may be
killed anywhere, and another one goes on.  Source: reliability reference 2.6, D4.
"""

from __future__ import annotations

import logging
import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from shop.messages.portable import copy_of
from shop.models import DataFile, DataRequest
from shop.operations.data_requests import tell, write_to
from shop.operations.erasing import erase_on
from shop.operations.leases import lease_due
from shop.operations.reapplying import journal_erasures
from shop.personal import NotYet
from shop.rules.personal import COPY_LIVES, WAIT_A_LITTLE, digest

log = logging.getLogger(__name__)

State, Kind = DataRequest.State, DataRequest.Kind
LEASE = timedelta(minutes=2)
BATCH = 5
MOST_PAUSE = timedelta(hours=1)


def serve_data_requests(at: datetime) -> int:
    """Work on what is due, at most one batch; return how many requests moved on."""
    lapsed = let_links_end(at) + journal_erasures(at)
    claimed = lease_due(DataRequest, state=State.DUE, lease=LEASE, most=BATCH)
    for request_id, attempt in claimed:
        serve(request_id=request_id, attempt=attempt, at=at)
    return lapsed + len(claimed)


def serve_now(*, request_id: int, at: datetime) -> None:
    """Work on one request at once, whatever its turn; nothing when a worker has it in hands."""
    with transaction.atomic():
        free = DataRequest.objects.filter(pk=request_id, state=State.DUE, lease_until=None)
        free.update(lease_until=at + LEASE, attempts=F("attempts") + 1)
    request = DataRequest.objects.filter(pk=request_id, state=State.DUE).order_by("id").first()
    if request is not None:
        serve(request_id=request_id, attempt=request.attempts, at=at)


def serve(*, request_id: int, attempt: int, at: datetime) -> None:
    """Do what can be done for one leased request; whatever goes wrong is tried again later."""
    mine = DataRequest.objects.filter(pk=request_id, attempts=attempt, state=State.DUE)
    try:
        request = mine.get()
        if request.kind == Kind.EXPORT:
            make_copy(request_id=request_id, at=at)
        else:
            erase_on(request_id=request_id, at=at)
    except NotYet:
        mine.update(due_at=at + WAIT_A_LITTLE, lease_until=None)
    except Exception as problem:  # the others go on
        log.warning("data request %s failed: %s", request_id, type(problem).__name__)
        pause = min(timedelta(seconds=2 ** min(attempt, 12)), MOST_PAUSE)
        mine.update(due_at=at + pause, lease_until=None, error=type(problem).__name__[:200])


def make_copy(*, request_id: int, at: datetime) -> None:
    """Gather all that is kept about somebody into a zip and mail her the link; again, nothing happens."""
    content = copy_of(DataRequest.objects.get(pk=request_id), at=at)
    with transaction.atomic():
        request = DataRequest.objects.select_for_update(of=("self",)).get(pk=request_id)
        if request.state != State.DUE:
            return
        token = secrets.token_urlsafe(24)
        DataFile.objects.create(request=request, content=content, made_at=at)
        request.state, request.done_at, request.lease_until, request.error = State.READY, at, None, ""
        request.token_hash, request.expires_at = digest("", token), at + COPY_LIVES
        request.save(update_fields=["state", "done_at", "lease_until", "error", "token_hash", "expires_at"])
        tell(request, "ready", at=at)
        write_to(request, about="copy-ready", token=token, at=at)


@transaction.atomic
def let_links_end(at: datetime) -> int:
    """Delete copies whose link has ended, and let erasures go that nobody confirmed; return how many."""
    over = DataRequest.objects.filter(expires_at__lte=at, state__in=[State.READY, State.ASKED])
    ids = list(over.select_for_update(skip_locked=True).order_by("id").values_list("pk", flat=True)[:BATCH])
    DataFile.objects.filter(request__in=ids).delete()
    return DataRequest.objects.filter(pk__in=ids).update(state=State.LAPSED, token_hash=None)
