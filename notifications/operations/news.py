"""News of the shop: asked for with a tick, asked back by one mail, and sent only after the button in it was pressed.

Whoever types an address may be anybody.  So the address itself is asked, once in a week at most, and nobody learns
from the answer whether we know it.  Source: issue of the one voice (double opt-in); GDPR art. 7; reliability reference
S13 (nothing tells whether an address is known), T29.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from notifications.models import NewsConsent
from notifications.models.consent import hashed
from notifications.operations.turns import hold_peace_of
from notifications.operations.wishing import want_news
from notifications.queries.news import asked_before, has_news
from notifications.queries.readers import suppressed
from notifications.rules.news import ASKED, OPEN_FOR, may_ask
from notifications.rules.wishes import MAIL
from shop import doorbell
from shop.operations.events import record_event
from shop.queries.data_requests import refuses_offers

BATCH = 500


class LinkOver(Exception):
    """No open question has this token: never asked, answered elsewhere, or a week ago."""


@dataclass(frozen=True)
class Tick:
    """The box as somebody ticked it: for which address, where, in which language, beside which words."""

    address: str
    where: str
    locale: str
    wording: str
    order_number: str = ""


@transaction.atomic
def ask_for_news(*, tick: Tick, at: datetime) -> None:
    """Ask an address whether news of the shop may come; silent, and again nothing, where it must not be asked.

    That is: she has it already, was asked within a week, said no to the question, wants no offers ever again, or we
    do not write to the address any more.
    """
    hold_peace_of(tick.address)
    asked_at, refused = asked_before(tick.address)
    if has_news(tick.address) or not may_ask(asked_at=asked_at, refused=refused, at=at):
        return
    if refuses_offers(tick.address) or suppressed([(MAIL, tick.address)]):
        return
    hers = NewsConsent.objects.filter(address__iexact=tick.address)
    hers.filter(confirmed_at=None, refused_at=None).delete()
    row = _row(tick, at)
    row.save()
    _tell(row, ASKED, at)
    doorbell.ring("shop.relay_events")


@transaction.atomic
def take_news(*, tick: Tick, at: datetime) -> None:
    """Note that somebody wants news at an address she proved: it needs no second letter.  Again, nothing changes."""
    hold_peace_of(tick.address)
    if has_news(tick.address):
        return
    NewsConsent.objects.filter(address__iexact=tick.address, confirmed_at=None).delete()
    _agree(_row(tick, at), NewsConsent.Proof.ACCOUNT, at)


def question_of(*, token: str, at: datetime) -> NewsConsent:
    """Return the question a token opens, answered or not, until it ends.  Raises LinkOver.  One query."""
    rows = NewsConsent.objects.filter(token_hash=hashed(token), expires_at__gt=at)
    found = rows.order_by("id").first()
    if found is None:
        raise LinkOver
    return found


@transaction.atomic
def agree_to_news(*, token: str, at: datetime) -> None:
    """Let news come: whoever pressed the button reads that mailbox.  Twice changes nothing.  Raises LinkOver."""
    row = _locked(token, at)
    if row.ended_at is None and row.confirmed_at is not None:
        return
    row.refused_at = row.ended_at = None
    _agree(row, NewsConsent.Proof.LINK, at)


@transaction.atomic
def refuse_news(*, token: str, at: datetime) -> None:
    """Write no news there, and ask no more whoever types the address.  Twice changes nothing.  Raises LinkOver."""
    row = _locked(token, at)
    if row.confirmed_at is not None:
        want_news(address=row.address, wanted=False, at=at)
        NewsConsent.objects.filter(pk=row.pk, ended_at=None).update(ended_at=at)
    elif row.refused_at is None:
        row.refused_at = at
        row.save(update_fields=["refused_at"])
        _tell(row, "notifications.news.refused", at)


def forget_questions(at: datetime) -> int:
    """Delete addresses whose question nobody answered in its week, at most a batch; return how many."""
    old = NewsConsent.objects.filter(confirmed_at=None, refused_at=None, asked_at__lte=at - OPEN_FOR)
    ids = list(old.order_by("asked_at", "id").values_list("pk", flat=True)[:BATCH])
    return NewsConsent.objects.filter(pk__in=ids, confirmed_at=None, refused_at=None).delete()[0] if ids else 0


def _locked(token: str, at: datetime) -> NewsConsent:
    """Return the question of a token, with nobody else deciding about its address until the transaction ends."""
    hold_peace_of(question_of(token=token, at=at).address)
    return question_of(token=token, at=at)


def _agree(row: NewsConsent, proof: str, at: datetime) -> None:
    others = NewsConsent.objects.filter(address__iexact=row.address).exclude(pk=row.pk)
    others.filter(confirmed_at__isnull=False, ended_at=None).update(ended_at=at)
    row.confirmed_at, row.proof = at, proof
    row.save()
    want_news(address=row.address, wanted=True, at=at)
    _tell(row, "notifications.news.agreed", at)


def _row(tick: Tick, at: datetime) -> NewsConsent:
    return NewsConsent(
        address=tick.address.lower(),
        locale=tick.locale,
        where=tick.where,
        order_number=tick.order_number,
        wording=tick.wording,
        asked_at=at,
        expires_at=at + OPEN_FOR,
    )


def _tell(row: NewsConsent, name: str, at: datetime) -> None:
    record_event(
        name=name,
        subject=f"notifications.newsconsent:{row.pk}",
        payload={"news_id": row.pk},
        actor_kind="customer",
        at=at,
    )
