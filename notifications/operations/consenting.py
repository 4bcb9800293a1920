"""The proof that somebody agreed to hear news of the shop: kept with her yes, closed with her no.

Called by whoever writes her wish, in the same transaction, while it holds her reader's row (or the lock of her name).
Source: GDPR art. 7(1) and 7(3); issue of the one voice.
"""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import get_language

from notifications.models import NewsConsent, Reader, Wish
from notifications.queries.groups import KIND as CAMPAIGN
from shop.messages.languages import known_language
from shop.messages.news import words_now

_PROOF = {
    NewsConsent.Where.ACCOUNT: NewsConsent.Proof.ACCOUNT,
    NewsConsent.Where.WISHES: NewsConsent.Proof.MAIL,
}


def note_consent(*, reader: Reader, where: str, at: datetime) -> None:
    """Bring the proof up to date with what she wants now; again, nothing changes.  Two or three queries.

    `where` is the page of her account or that of her wishes: each of them is opened by nobody else.
    A question that was open is closed by her word: its link opens nothing any more.
    """
    hers = NewsConsent.objects.filter(address__iexact=reader.address)
    living = hers.filter(confirmed_at__isnull=False, ended_at=None)
    if not Wish.objects.filter(reader=reader, kind=CAMPAIGN, wanted=True).exists():
        living.update(ended_at=at)
    elif not living.exists():
        hers.filter(confirmed_at=None).delete()
        NewsConsent.objects.create(
            address=reader.address,
            locale=known_language(get_language() or ""),
            where=where,
            wording=words_now().code,
            asked_at=at,
            confirmed_at=at,
            proof=_PROOF[NewsConsent.Where(where)],
        )
