"""What questions about pieces keep about a person: those of her account and of an address she proved.

Source: reliability reference 2.6.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Q, QuerySet
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from shop.models import EventDelivery, ProductQuestion
from shop.personal import Fate, Keeper, Person, Redact, Section
from shop.rules.personal import ERASED


def questions_of(person: Person) -> QuerySet[ProductQuestion]:
    """Return her questions, oldest first."""
    hers = Q(customer=None, _address__in=person.addresses)
    if person.user_id is not None:
        hers |= Q(customer_id=person.user_id)
    return ProductQuestion.objects.annotate(_address=Lower("email")).filter(hers).order_by("id")


def sections(person: Person) -> Iterator[Section]:
    """Return what she asked."""
    yield Section(
        "questions",
        _("What you asked about pieces"),
        questions_of(person).select_related("product"),
        ("product__name", "text", "name", "email", "asked_at", "shown_question", "shown_answer", "published_at"),
    )


def fates(person: Person) -> Iterator[Fate]:
    """Say what becomes of it."""
    hers = questions_of(person)
    yield Fate(_("Questions about pieces"), hers.filter(published_at=None).count())
    stays = _("What stands on a page stays, in our words and without anything of you; the rest goes.")
    yield Fate(_("Published questions about pieces"), hers.exclude(published_at=None).count(), stays)


def busy(person: Person) -> bool:
    """Tell whether a question of hers is on its way to who answers it."""
    subjects = [f"shop.productquestion:{pk}" for pk in questions_of(person).values_list("pk", flat=True)]
    return EventDelivery.objects.filter(event__subject__in=subjects, state=EventDelivery.State.DUE).exists()


def erase(person: Person, redact: Redact, at: datetime) -> None:
    """Throw away what nobody else reads; of what stands on a page keep our own words alone."""
    rows = list(questions_of(person).select_for_update(of=("self",)))
    hers = ProductQuestion.objects.filter(pk__in=[row.pk for row in rows])
    hers.filter(published_at=None).delete()
    hers.update(email="", name="", text=ERASED, customer=None)


KEEPER = Keeper(
    "shop.questions",
    models=("shop.productquestion",),
    sections=sections,
    fates=fates,
    busy=busy,
    erase=erase,
    comes_back=(("shop_productquestion", "email", "asked_at"),),
)
