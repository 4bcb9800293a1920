"""Erase a person: step by step, one keeper a transaction, then a last mail, then what was left for it.

    due -> held (looked at again every hour) -> begun: her sign-ins are over -> each keeper -> the last mail is
    asked for -> it is out -> each keeper once more, for what came in meanwhile -> done: hashes of her addresses

Source: reliability reference 2.6, I16; GDPR art. 17, 19.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime
from functools import partial

from django.db import transaction
from django.db.models import F

from shop import personal
from shop.models import DataRequest, ForgottenAddress, Redaction, User
from shop.operations.data_requests import tell, write_to
from shop.personal import Keeper, NotYet
from shop.queries.data_requests import holds_of, person_of
from shop.rules.personal import LOOK_AGAIN, NEWS_WAIT, digest

LAST = "last:"  # before the name of a keeper's second turn


def erase_on(*, request_id: int, at: datetime) -> None:
    """Go on with an erasure as far as it goes now.  Raises NotYet while something is on its way."""
    if not begin(request_id=request_id, at=at):
        return
    let_news_out(request_id=request_id, at=at)
    for keeper in personal.registered():
        step(request_id=request_id, name=keeper.name, keeper=keeper, at=at)
    say_farewell(request_id=request_id, at=at)
    let_news_out(request_id=request_id, at=at)
    for keeper in personal.registered():
        step(request_id=request_id, name=LAST + keeper.name, keeper=keeper, at=at)
    finish(request_id=request_id, at=at)


@transaction.atomic
def begin(*, request_id: int, at: datetime) -> bool:
    """End her sign-ins and go on when nothing holds the erasure; else put it off and tell her once what does.

    The same is asked when it goes on after a pause: an order that came in between is settled first.
    """
    request = _locked(request_id)
    if holds_of(person_of(request)) and request.farewell_at is None:
        _hold(request, at)
        return False
    if request.begun_at is None:
        request.begun_at = at
        # Who knows her numbers forgets them, so they stand here until the last step.
        request.addresses = sorted(person_of(request).addresses)
        request.save(update_fields=["begun_at", "addresses"])
        User.objects.filter(pk=request.user_id or 0).update(is_active=False, session_epoch=F("session_epoch") + 1)
        tell(request, "begun", at=at)
    return True


def _hold(request: DataRequest, at: datetime) -> None:
    if request.held_since is None:
        request.held_since = at
        tell(request, "held", at=at)
        write_to(request, about="erasure-held", at=at)
    request.due_at, request.lease_until = at + LOOK_AGAIN, None
    request.save(update_fields=["held_since", "due_at", "lease_until"])


@transaction.atomic
def step(*, request_id: int, name: str, keeper: Keeper, at: datetime) -> None:
    """Let one keeper erase what it keeps of her, once.  Raises NotYet."""
    request = _locked(request_id)
    if name in request.steps:
        return
    keeper.erase(person_of(request), partial(_give_leave, request), at)
    request.steps = [*request.steps, name]
    request.save(update_fields=["steps"])


def _give_leave(request: DataRequest, table: str, row_ids: Iterable[int]) -> None:
    """Note that words go out of these append-only rows: their trigger asks for it."""
    rows = [Redaction(request=request, table_name=table, row_id=row_id) for row_id in row_ids]
    Redaction.objects.bulk_create(rows, ignore_conflicts=True)


@transaction.atomic
def say_farewell(*, request_id: int, at: datetime) -> None:
    """Ask for the last mail, once."""
    request = _locked(request_id)
    if request.farewell_at is None:
        request.farewell_at = at
        request.save(update_fields=["farewell_at"])
        write_to(request, about="erased", at=at)


def let_news_out(*, request_id: int, at: datetime) -> None:
    """Let what is on its way to her go out first, for some days at most.  Raises NotYet while something is."""
    request = DataRequest.objects.get(pk=request_id)
    since = request.farewell_at or request.begun_at or at
    person = person_of(request)
    if at < since + NEWS_WAIT and any(keeper.busy(person) for keeper in personal.registered()):
        raise NotYet


@transaction.atomic
def finish(*, request_id: int, at: datetime) -> None:
    """Forget the addresses themselves; what remains are their hashes under this shop's salt."""
    request = _locked(request_id)
    salt = ForgottenAddress.objects.order_by("id").values_list("salt", flat=True).first() or secrets.token_hex(16)
    for address in request.addresses:
        ForgottenAddress.objects.create(
            salt=salt, digest=digest(salt, address), refuses_mail=request.refuses_mail, forgotten_at=at
        )
    request.email, request.addresses, request.user = "", [], None
    request.state, request.done_at, request.lease_until, request.error = DataRequest.State.DONE, at, None, ""
    request.save()
    tell(request, "done", at=at)


def _locked(request_id: int) -> DataRequest:
    return DataRequest.objects.select_for_update(of=("self",)).get(pk=request_id, state=DataRequest.State.DUE)
