"""When somebody is greeted next: a row for each address and occasion she agreed to.

The day itself is not kept here: it is read where she left it, so that taking it back there is enough.
"""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _


class Greeting(models.Model):
    """One occasion of one person, known by her e-mail address."""

    class Occasion(models.TextChoices):
        """What is remembered."""

        BIRTHDAY = "birthday", _("birthday")
        ANNIVERSARY = "anniversary", _("first order")

    address = models.EmailField(_("e-mail address"))
    occasion = models.CharField(_("occasion"), max_length=12, choices=Occasion.choices)
    due_at = models.DateTimeField(_("next at"))
    greeted_year = models.PositiveSmallIntegerField(_("last greeted in"), null=True)

    class Meta:
        verbose_name = _("greeting")
        verbose_name_plural = _("greetings")
        constraints = [models.UniqueConstraint(Lower("address"), "occasion", name="greeting_once")]
        indexes = [models.Index(fields=["due_at", "id"], name="greeting_due")]

    def __str__(self) -> str:
        return f"{self.occasion} {self.pk}"
