"""The bag: found by a random token in a cookie, stored hashed; survives thirty days."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Sending(models.TextChoices):
    """When the pieces of an order go out."""

    TOGETHER = "together", _("everything together")
    AS_READY = "as_ready", _("each when it is ready")


class Cart(models.Model):
    """One shopper's bag."""

    token_hash = models.CharField(_("token (hashed)"), max_length=64, unique=True)
    customer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    touched_at = models.DateTimeField(_("last used at"), db_index=True)
    sending = models.CharField(
        _("send"), max_length=8, choices=Sending.choices, default=Sending.TOGETHER, db_default=Sending.TOGETHER
    )
    gift_wrap = models.BooleanField(_("gift wrap"), default=False, db_default=False)
    gift_message = models.CharField(_("message on the card"), max_length=300, blank=True, db_default="")
    hide_prices = models.BooleanField(_("no prices in the parcel"), default=False, db_default=False)
    credit = models.ForeignKey(
        "orders.StoreCredit",
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        help_text=_("What a typed code opened: the order may be paid from it, whoever orders."),
    )
    # What was agreed on the phone for a delivery.  Here and not on the draft: placing an order reads the bag anyway.
    agreed_choice = models.CharField(_("delivery agreed on"), max_length=70, blank=True, db_default="")
    agreed_delivery_minor = models.PositiveIntegerField(_("its agreed price (minor units)"), null=True)
    agreed_hours_minor = models.PositiveIntegerField(_("agreed price of its hours (minor units)"), null=True)

    class Meta:
        verbose_name = _("bag")
        verbose_name_plural = _("bags")

    def __str__(self) -> str:
        return f"bag {self.pk}"


class CartLine(models.Model):
    """Some pieces of one variant in a bag, with the price that was shown when they went in."""

    cart = models.ForeignKey(Cart, on_delete=models.CASCADE, related_name="lines")
    variant = models.ForeignKey("shop.Variant", on_delete=models.CASCADE, related_name="+")
    quantity = models.PositiveSmallIntegerField(_("quantity"))
    shown_price_minor = models.PositiveIntegerField(_("price shown (minor units)"))
    agreed_minor = models.PositiveIntegerField(_("price agreed on the phone (minor units)"), null=True)
    added_at = models.DateTimeField(_("added at"))
    saved_at = models.DateTimeField(_("saved for later at"), null=True)

    class Meta:
        verbose_name = _("bag line")
        verbose_name_plural = _("bag lines")
        constraints = [
            models.UniqueConstraint(fields=["cart", "variant"], name="cart_line_once"),
            models.CheckConstraint(condition=Q(quantity__gte=1, quantity__lte=20), name="cart_line_quantity"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.variant_id}"
