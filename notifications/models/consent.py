"""Who agreed to hear news of the shop: when, where, under which words, and how we know that it was her.

A row begins with a question, or at once for an address that was proved before.  Nothing is sent for a row without
`confirmed_at`; what is sent goes by the wish (reader.py), which only a confirmed row sets.
Source: GDPR art. 7(1); issue of the one voice (double opt-in).
"""

from __future__ import annotations

import secrets

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from notifications.rules.news import PURPOSE
from orders.rules.tokens import hash_token


class NewsConsent(models.Model):
    """One address and its answer.  Never answered it is forgotten with its link; a yes stays as its own proof."""

    class Where(models.TextChoices):
        """Where she ticked the box."""

        CHECKOUT = "checkout", _("at the checkout")
        PAGE = "page", _("on the page for news")
        ACCOUNT = "account", _("in her account")
        WISHES = "wishes", _("on the page of her wishes, opened from a mail")

    class Proof(models.TextChoices):
        """How we know that whoever reads the mailbox agreed."""

        LINK = "link", _("pressed the button behind the link we mailed there")
        ACCOUNT = "account", _("was signed in, with this address proved")
        MAIL = "mail", _("came by the link of a mail to this address")

    address = models.EmailField(_("e-mail address"))
    locale = models.CharField(_("language"), max_length=10)
    where = models.CharField(_("where"), max_length=10, choices=Where.choices)
    order_number = models.CharField(_("with the order"), max_length=20, blank=True)
    wording = models.CharField(_("words"), max_length=20)
    asked_at = models.DateTimeField(_("ticked at"))
    token_hash = models.CharField(_("link (hashed)"), max_length=64, unique=True, null=True)
    expires_at = models.DateTimeField(_("link ends at"), null=True)
    confirmed_at = models.DateTimeField(_("agreed at"), null=True)
    proof = models.CharField(_("how we know"), max_length=8, choices=Proof.choices, blank=True)
    refused_at = models.DateTimeField(_("said no at"), null=True)
    ended_at = models.DateTimeField(_("taken back at"), null=True)

    class Meta:
        verbose_name = _("consent to news")
        verbose_name_plural = _("consents to news")
        constraints = [
            models.UniqueConstraint(
                Lower("address"), condition=Q(confirmed_at=None, refused_at=None), name="news_asked_once"
            ),
            models.UniqueConstraint(
                Lower("address"), condition=Q(confirmed_at__isnull=False, ended_at=None), name="news_agreed_once"
            ),
            models.CheckConstraint(
                condition=(Q(confirmed_at=None) & Q(proof="")) | (Q(confirmed_at__isnull=False) & ~Q(proof="")),
                name="news_agreed_with_proof",
            ),
            models.CheckConstraint(condition=Q(refused_at=None) | Q(confirmed_at=None), name="news_is_yes_or_no"),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(confirmed_at__isnull=False), name="news_ends_what_was_agreed"
            ),
        ]
        indexes = [
            models.Index(Lower("address"), name="news_of_address"),
            models.Index(
                fields=["asked_at", "id"], condition=Q(confirmed_at=None, refused_at=None), name="news_unanswered"
            ),
        ]

    def __str__(self) -> str:
        return f"consent {self.pk}"

    def issue_token(self) -> str:
        """Return a fresh token for the link of this question; only its hash is kept, and the one before ends.

        Here and not among the operations, because the letter issues it when it is written, as letters do with the
        secret link of an order.
        """
        token = secrets.token_urlsafe(24)
        NewsConsent.objects.filter(pk=self.pk, confirmed_at=None).update(token_hash=hashed(token))
        return token


def hashed(token: str) -> str:
    """Return what is kept of a token: it opens the question about news and nothing else."""
    return hash_token(f"{PURPOSE}:{token}")
