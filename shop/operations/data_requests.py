"""Ask for a copy of one's data, or for its erasure.  Whoever asks has proved the address; the work is a sweep's.

Source: GDPR art. 12, 15, 17; reliability reference 2.6, S1.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from shop import doorbell
from shop.models import AccountLetter, DataRequest, User
from shop.operations.events import record_event
from shop.operations.letters import ask_letter
from shop.personal import Person
from shop.queries.data_requests import is_staff_address, losses_of, person_of, proved
from shop.rules.personal import ASK_AGAIN, CONFIRM_WITHIN, answer_by, digest

Kind, State = DataRequest.Kind, DataRequest.State
OPEN = (State.ASKED, State.DUE)
SWEEP = "shop.serve_data_requests"


class NotProved(Exception):
    """She has not proved her address, so nothing of it is hers so far."""


class WorksHere(Exception):
    """A member of staff: her roles have to be taken away first."""


class AskedAlready(Exception):
    """The same was asked for before and is not answered yet."""


class LinkUnknown(Exception):
    """No living link has this token."""


class NotOpen(Exception):
    """The request waits for nobody's word (any more)."""


class LossNotAgreed(Exception):
    """She gives something up with the erasure and has not agreed to it."""


@transaction.atomic
def ask_copy(*, user_id: int, locale: str, at: datetime) -> DataRequest:
    """Ask for a copy of all that is kept about somebody; a sweep makes it.  Raises NotProved, AskedAlready."""
    user = User.objects.select_for_update(no_key=True).get(pk=user_id)
    request = _new(Kind.EXPORT, user, proved(user.pk), locale=locale, at=at, state=State.DUE)
    doorbell.ring(SWEEP)
    return request


@transaction.atomic
def ask_erasure(*, user_id: int, locale: str, at: datetime) -> DataRequest:
    """Mail somebody the link on which she confirms that her data goes.  Nothing happens before she did.

    Asked again, the older link ends.  Raises NotProved, WorksHere, and AskedAlready when the link was mailed a moment
    ago or the erasure is under way.
    """
    user = User.objects.select_for_update(no_key=True).get(pk=user_id)
    if user.is_staff:
        raise WorksHere
    addresses = proved(user.pk)
    for older in DataRequest.objects.filter(user=user, kind=Kind.ERASURE, state__in=OPEN).order_by("id"):
        if older.state == State.DUE or older.asked_at > at - ASK_AGAIN:
            raise AskedAlready
        _lapse(older)
    token = secrets.token_urlsafe(24)
    request = _new(Kind.ERASURE, user, addresses, locale=locale, at=at, state=State.ASKED, token=token)
    write_to(request, about="confirm-erasure", token=token, at=at)
    return request


@transaction.atomic
def confirm_erasure(*, token: str, agrees: bool, refuses_mail: bool, at: datetime) -> DataRequest:
    """Let the erasure begin as soon as nothing holds it.  Confirming again changes nothing.

    Raises LinkUnknown, NotOpen, and LossNotAgreed when she gives something up and has not said that she knows.
    """
    request = erasure_of_link(token=token, at=at)
    request = DataRequest.objects.select_for_update().get(pk=request.pk)
    if request.state != State.ASKED:
        if request.confirmed_at is None:
            raise NotOpen
        return request
    if not agrees and losses_of(person_of(request)):
        raise LossNotAgreed
    request.state, request.confirmed_at, request.due_at = State.DUE, at, at
    request.refuses_mail = refuses_mail
    request.save(update_fields=["state", "confirmed_at", "due_at", "refuses_mail"])
    tell(request, "confirmed", at=at)
    doorbell.ring(SWEEP)
    return request


@transaction.atomic
def take_back_erasure(*, user_id: int, at: datetime) -> None:
    """Let an erasure be that has not begun.  Raises NotOpen when there is none (any more)."""
    request = (
        DataRequest.objects.select_for_update()
        .filter(user_id=user_id, kind=Kind.ERASURE, state__in=OPEN, begun_at=None)
        .order_by("id")
        .first()
    )
    if request is None:
        raise NotOpen
    _lapse(request)
    tell(request, "taken-back", at=at)


@transaction.atomic
def order_erasure(*, person: Person, locale: str, refuses_mail: bool, again: bool = False, at: datetime) -> DataRequest:
    """Begin an erasure that staff confirmed at the shell.  Raises WorksHere; under way already, returns that one.

    `again`: it was carried out before and undone by a restore.
    """
    if is_staff_address(person.addresses):
        raise WorksHere
    known = DataRequest.objects.filter(kind=Kind.ERASURE, email__in=person.addresses, state__in=OPEN)
    request = known.select_for_update().order_by("id").first()
    if request is not None and request.state == State.DUE:
        return request
    if request is not None:
        _lapse(request)
    user = User.objects.filter(pk=person.user_id or 0).first()
    request = _new(Kind.ERASURE, user, sorted(person.addresses), locale=locale, at=at, state=State.DUE)
    request.confirmed_at, request.refuses_mail, request.again = at, refuses_mail, again
    request.save(update_fields=["confirmed_at", "refuses_mail", "again"])
    tell(request, "confirmed", at=at)
    return request


def note_copy_by_staff(*, at: datetime) -> None:
    """Record that somebody at the shell took a copy; of whom stands nowhere but in it.  Call in a transaction."""
    record_event(name="shop.data-export.by-staff", subject="shop.datarequest", actor_kind="staff", at=at)


def copy_of_link(*, token: str, at: datetime) -> DataRequest:
    """Return the copy a mailed token opens.  Raises LinkUnknown.  One query."""
    return _of_link(Kind.EXPORT, token, at)


def erasure_of_link(*, token: str, at: datetime) -> DataRequest:
    """Return the erasure a mailed token opens, confirmed or not.  Raises LinkUnknown.  One query."""
    return _of_link(Kind.ERASURE, token, at)


def _of_link(kind: str, token: str, at: datetime) -> DataRequest:
    rows = DataRequest.objects.filter(kind=kind, token_hash=digest("", token), expires_at__gt=at)
    found = rows.exclude(state=State.LAPSED).order_by("id").first()
    if found is None:
        raise LinkUnknown
    return found


def write_to(request: DataRequest, *, about: str, at: datetime, token: str = "") -> None:
    """Ask for one letter about a request; it goes to the address the request came from.

    Nobody is written to about an erasure that is carried out once more after a restore, nor where we know of her
    nothing but a telephone number.
    """
    if request.again or "@" not in request.email:
        return
    ask_letter(
        kind=AccountLetter.Kind.DATA,
        email=request.email,
        user=request.user if about != "erased" else None,
        locale=request.locale,
        values={"about": about, "token": token},
        at=at,
    )


def tell(request: DataRequest, step: str, *, at: datetime) -> None:
    """Record what happened to a request; who asked stands in the request alone."""
    record_event(
        name=f"shop.data-{request.kind}.{step}",
        subject=f"shop.datarequest:{request.pk}",
        payload={"request_id": request.pk},
        actor_kind="customer" if step in {"asked", "confirmed", "taken-back"} else "system",
        at=at,
    )


def _new(
    kind: str,
    user: User | None,
    addresses: Collection[str],
    *,
    locale: str,
    at: datetime,
    state: str,
    token: str = "",
) -> DataRequest:
    if not addresses:
        raise NotProved
    email = user.email.lower() if user and user.email.lower() in addresses else min(addresses, key=_mail_first)
    if DataRequest.objects.filter(kind=kind, email=email, state__in=OPEN).exists():
        raise AskedAlready
    request = DataRequest.objects.create(
        kind=kind,
        state=state,
        user=user,
        email=email,
        addresses=sorted(addresses),
        locale=locale,
        token_hash=digest("", token) if token else None,
        expires_at=at + CONFIRM_WITHIN if token else None,
        asked_at=at,
        answer_by_on=answer_by(timezone.localdate(at)),
        confirmed_at=at if state == State.DUE else None,
        due_at=at,
    )
    tell(request, "asked", at=at)
    return request


def _mail_first(address: str) -> tuple[bool, str]:
    return "@" not in address, address


def _lapse(request: DataRequest) -> None:
    request.state, request.token_hash = State.LAPSED, None
    request.save(update_fields=["state", "token_hash"])
