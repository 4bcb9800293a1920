"""Words of staff's own for a kind in one language: checked, kept, taken back.

Source: issue of the one voice (overrides in the database with validation).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db import transaction

from notifications.messages import KINDS
from notifications.messages.own_words import variables
from notifications.models import Wording
from notifications.rules.flat import Problem, problems
from shop.models import User
from shop.operations.events import record_event


class UnknownKind(LookupError):
    """There is no such kind, or no such language."""


class BadWords(ValueError):
    """The words cannot be used; `problems` says why."""

    def __init__(self, found: Sequence[Problem]) -> None:
        super().__init__(", ".join(problem.fault for problem in found))
        self.problems = tuple(found)


def check_words(*, kind: str, locale: str, subject: str, text: str) -> None:
    """Raise BadWords or UnknownKind for words a message cannot be made of."""
    if kind not in KINDS or locale not in dict(settings.LANGUAGES):
        raise UnknownKind(kind)
    must_say = KINDS[kind].must_say if text else ()  # a subject alone leaves the file's text, which says it
    if found := problems(subject, text, known=variables(KINDS[kind]), must_say=must_say):
        raise BadWords(found)


@transaction.atomic
def write_wording(*, kind: str, locale: str, subject: str, text: str, by: User, at: datetime) -> Wording | None:
    """Use these words from now on; without any the file's words hold again, and None is returned.

    Messages that are written already keep their words.  Raises BadWords, UnknownKind.
    """
    subject, text = " ".join(subject.split()), text.replace("\r\n", "\n").strip()
    check_words(kind=kind, locale=locale, subject=subject, text=text)
    kept = None
    if subject or text:
        values = {"subject": subject, "text": text, "changed_at": at, "changed_by": by}
        kept, _created = Wording.objects.update_or_create(kind=kind, locale=locale, defaults=values)
    else:
        Wording.objects.filter(kind=kind, locale=locale).delete()
    record_event(
        name="notifications.wording.changed",
        subject=f"notifications.wording:{kind}:{locale}"[:80],
        payload={"kind": kind, "locale": locale, "own": kept is not None},
        actor=by,
        at=at,
    )
    return kept
