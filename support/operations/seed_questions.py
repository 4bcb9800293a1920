"""What the demo's shoppers ask about pieces: answered and published, answered only, and one that waits.

Invented like the people; everything is done by the operations that do it for real.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from shop.models import Product, ProductQuestion, User
from shop.operations.questions import Asked, ask_question, publish_answer
from support.models import Conversation, SlaPolicy
from support.operations.questions import open_question
from support.operations.replying import note_answer_sent, reply

_KEYS = UUID("5b1c1f0e-5a9b-4c5e-8f0a-6a2f3d0b7c11")


@dataclass(frozen=True)
class _Story:
    """One question: about which piece, who asks how many days ago, in which words, and what came of it."""

    piece: str
    who: str
    days_ago: int
    text: str
    answer: str = ""
    shown_question: str = ""
    shown_answer: str = ""


_STORIES = (
    _Story(
        "morning-mug", "Hanna Vogel", 16,
        "Hello, may the mug go into the dishwasher, and into the microwave? Best wishes, Hanna",
        "Dear Hanna,\n\nboth, every day if you like: the glaze is fired at 1,240 °C. Only sudden cold after the "
        "microwave is bad for it.\n\nDilini",
        "May the mug go into the dishwasher and the microwave?",
        "Both, every day if you like: the glaze is fired at 1,240 °C. Only sudden cold after the microwave is bad for "
        "it. Dilini",
    ),
    _Story(
        "morning-mug", "Pedro Sousa", 9,
        "How much coffee does it really hold, up to the rim or with room for milk?",
        "Dear Pedro,\n\n300 ml with a finger's width to the rim; 340 ml if you carry it very carefully.\n\nNuwan",
        "How much does it really hold?",
        "300 ml with a finger's width to the rim; 340 ml if you carry it very carefully. Nuwan",
    ),
    _Story(
        "fisherman-jumper", "Claire Martin", 12,
        "Does the wool itch? I wear little below it.",
        "Dear Claire,\n\na little on the first days, on bare skin at the neck. It softens with every wear; a thin shirt"
        " below settles it at once.\n\nDilini",
        "Does the wool itch on bare skin?",
        "A little on the first days, at the neck. It softens with every wear; a thin shirt below settles it at once. "
        "Dilini",
    ),
    _Story(
        "fisherman-jumper", "Lukas Gruber", 0,
        "I am between M and L and want to wear it over a shirt. Which one would you take?",
    ),
)  # fmt: skip


def seed_questions(at: datetime) -> str:
    """Let a few people ask; running it again adds nothing."""
    products = {row.slug: row for row in Product.objects.filter(slug__in={story.piece for story in _STORIES})}
    agent = User.objects.filter(is_staff=True, is_active=True, groups__name="agent").order_by("id").first()
    if agent is not None and SlaPolicy.objects.exists():
        for story in _STORIES:
            key = uuid5(_KEYS, story.text)
            if story.piece in products and not ProductQuestion.objects.filter(token=key).exists():
                _tell_story(story, products[story.piece], key, agent, at)
    there = ProductQuestion.objects.all()
    return f"{there.count()} questions about pieces, {there.exclude(published_at=None).count()} published"


def _tell_story(story: _Story, product: Product, key: UUID, agent: User, at: datetime) -> None:
    asked_at = at - timedelta(days=story.days_ago, minutes=40)
    asked = Asked(f"{story.who.split()[0].lower()}@example.com", story.text, story.who, "en")
    question = ask_question(token=key, product_id=product.pk, asked=asked, customer=None, visitor="demo", at=asked_at)
    conversation = open_question(question=question, at=asked_at)
    if story.answer:
        _answer(conversation, story, agent, asked_at + timedelta(minutes=30))


def _answer(conversation: Conversation, story: _Story, agent: User, at: datetime) -> None:
    message = reply(
        conversation_id=conversation.pk,
        text=story.answer,
        by=agent,
        seen_version=conversation.version,
        client_token=uuid5(_KEYS, story.answer),
        at=at,
    )
    note_answer_sent(message_id=message.pk, at=at)
    if story.shown_answer and conversation.question_id:
        publish_answer(
            question_id=conversation.question_id,
            question=story.shown_question,
            answer=story.shown_answer,
            by=agent,
            at=at,
        )
