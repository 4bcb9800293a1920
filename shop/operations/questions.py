"""Questions about pieces: asked on the product's page, answered by mail, published with the answer in edited words.

Who answers is the support app: it hears `shop.question.asked`.  Here the question is kept, and what the page shows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction

from shop.models import ProductQuestion, User
from shop.operations.events import record_event
from shop.operations.limits import TooOften, spend
from shop.operations.voices import lock_voices
from shop.queries.questions import published, shown
from shop.rules.questions import ON_THE_PAGE, gives_away

ADDRESS_BUDGET, VISITOR_BUDGET = 6, 30  # as the contact form: of one address, and of one network whatever it names
WINDOW = timedelta(hours=1)


class NothingToPublish(Exception):
    """A published question has words and an answer."""


class GivesAway(Exception):
    """The words tell who asked; `found` is what does."""

    def __init__(self, found: str) -> None:
        super().__init__("the words tell who asked")
        self.found = found


class NotOnThePage(Exception):
    """The question is not published."""


@dataclass(frozen=True)
class Asked:
    """What somebody typed: where to answer, her name if she gave one, and in which language she reads."""

    email: str
    text: str
    name: str = ""
    locale: str = ""


def ask_question(
    *, token: UUID, product_id: int, asked: Asked, customer: User | None, visitor: str, at: datetime
) -> ProductQuestion:
    """Keep a question and record that it was asked; the same `token` is one question, however often it is sent.

    `visitor` is where the form came from.  Raises shop.operations.limits.TooOften after ADDRESS_BUDGET questions of one
    address, or VISITOR_BUDGET of one visitor, an hour.
    """
    known = _of_token(token)
    if known is not None:
        return known
    try:
        spend(purpose="question-visitor", who=visitor, budget=VISITOR_BUDGET, window=WINDOW, at=at)
        spend(purpose="question", who=asked.email.lower(), budget=ADDRESS_BUDGET, window=WINDOW, at=at)
        return _keep(token, product_id, asked, customer, at)
    except (IntegrityError, TooOften):
        known = _of_token(token)  # the same form, sent several times at once
        if known is None:
            raise
        return known


@transaction.atomic
def _keep(token: UUID, product_id: int, asked: Asked, customer: User | None, at: datetime) -> ProductQuestion:
    question = ProductQuestion.objects.create(
        token=token,
        product_id=product_id,
        customer=customer,
        email=asked.email.lower(),
        name=asked.name,
        locale=asked.locale,
        text=asked.text,
        asked_at=at,
    )
    _tell(question, "asked", at=at, by=None)
    return question


@transaction.atomic
def publish_answer(*, question_id: int, question: str, answer: str, by: User, at: datetime) -> ProductQuestion:
    """Show a question with its answer on the product's page, in these words; publishing again replaces them.

    Raises NothingToPublish without words, GivesAway when they tell who asked.
    """
    row = _locked(question_id)
    refuse_unfit(row, question=question, answer=answer)
    row.shown_question, row.shown_answer = question.strip(), answer.strip()
    row.published_at, row.published_by = row.published_at or at, by
    row.save(update_fields=["shown_question", "shown_answer", "published_at", "published_by"])
    show_on_page(row.product_id, at=at)
    _tell(row, "published", at=at, by=by)
    return row


def refuse_unfit(row: ProductQuestion, *, question: str, answer: str) -> None:
    """Refuse words that must not stand on a page, for preview and publishing alike.

    Raises NothingToPublish and GivesAway.
    """
    if not question.strip() or not answer.strip():
        raise NothingToPublish
    ours = f"{row.product.name} {settings.SHOP_NAME} {settings.CARE_EMAIL} {settings.CARE_PHONE}"
    found = gives_away(f"{question}\n{answer}", email=row.email, name=row.name, ours=ours)
    if found:
        raise GivesAway(found)


@transaction.atomic
def take_down(*, question_id: int, by: User, at: datetime) -> ProductQuestion:
    """Take a question off the page; its words are kept, so that it can be shown again.  Raises NotOnThePage."""
    row = _locked(question_id)
    if row.published_at is None:
        raise NotOnThePage
    row.published_at = row.published_by = None
    row.save(update_fields=["published_at", "published_by"])
    show_on_page(row.product_id, at=at)
    _tell(row, "taken-down", at=at, by=by)
    return row


def show_on_page(product_id: int, *, at: datetime) -> None:
    """Keep with the product what its page shows of its questions.  Call in a transaction, as its last lock."""
    voices = lock_voices(product_id, at=at)
    rows = published(product_id)
    voices.questions = rows.count()
    voices.shown_answers = [shown(row) for row in rows[:ON_THE_PAGE]]
    voices.save(update_fields=["questions", "shown_answers"])


def _locked(question_id: int) -> ProductQuestion:
    rows = ProductQuestion.objects.select_for_update(of=("self",)).select_related("product", "customer")
    return rows.get(pk=question_id)


def _of_token(token: UUID) -> ProductQuestion | None:
    return ProductQuestion.objects.select_related("product").filter(token=token).order_by("id").first()


def _tell(row: ProductQuestion, step: str, *, at: datetime, by: User | None) -> None:
    record_event(
        name=f"shop.question.{step}",
        subject=f"shop.productquestion:{row.pk}",
        customer=row.customer,
        payload={"question_id": row.pk, "product_id": row.product_id},
        actor=by,
        actor_kind="customer",
        at=at,
    )
