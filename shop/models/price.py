"""What a variant has cost since when: the history that honest reductions rest on.

The database writes it itself, whoever sets a price, and refuses to change it.  Source: Directive 98/6/EC art. 6a
(a reduction names the lowest price of the 30 days before it); commerce reference d.1.
"""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from shop.models.catalogue import Variant

_DURING = Func(F("starts_at"), F("ends_at"), function="TSTZRANGE", output_field=DateTimeRangeField())


class PriceInterval(models.Model):
    """A price from `starts_at` on, and before `ends_at`; the one of today has no end.  Minor units, tax included.

    Deleting a variant takes its history along, by the database (0013); nothing else takes a row away.
    """

    variant = models.ForeignKey(
        Variant,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="prices",
        verbose_name=_("variant"),
    )
    price_minor = models.PositiveIntegerField(_("price (minor units)"))
    currency = models.CharField(_("currency"), max_length=3)
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("to"), null=True)

    class Meta:
        verbose_name = _("former price")
        verbose_name_plural = _("prices so far")
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="price_lasted_a_while"),
            models.CheckConstraint(condition=Q(price_minor__gt=0), name="price_in_history_is_a_price"),
            models.UniqueConstraint(fields=["variant"], condition=Q(ends_at=None), name="price_of_today_once"),
            ExclusionConstraint(
                name="price_never_two_at_once",
                expressions=[("variant", RangeOperators.EQUAL), (_DURING, RangeOperators.OVERLAPS)],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.price_minor} {self.currency}"
