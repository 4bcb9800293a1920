"""Parcels: one tracking number each.  Our status and the carrier's are two axes; only `delivered` crosses over.

Tracking events are a set; the carrier's status is a pure function of it, so that the order of arrival cannot matter.
Source: commerce reference d.3, delivery reference 1.7, reliability reference D10.
"""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Now, Upper
from django.utils.translation import gettext_lazy as _

PICKUP = "pickup"  # the carrier of a parcel that its owner collects


class Parcel(models.Model):
    """One box on its way to one door."""

    class Status(models.TextChoices):
        """What we did with it."""

        PLANNED = "planned", _("to be packed")
        PACKED = "packed", _("packed")
        HANDED_OVER = "handed_over", _("handed over")
        DELIVERED = "delivered", _("delivered")
        CANCELLED = "cancelled", _("cancelled")

    COMING = (Status.PLANNED, Status.PACKED, Status.HANDED_OVER)  # somebody still waits for it

    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="parcels")
    number = models.PositiveSmallIntegerField(_("parcel"))
    status = models.CharField(_("status"), max_length=12, choices=Status.choices, default=Status.PLANNED)
    carrier = models.CharField(_("carrier"), max_length=40, blank=True)
    tracking_number = models.CharField(_("tracking number"), max_length=60, blank=True)
    carrier_status = models.CharField(_("carrier says"), max_length=20, blank=True)
    carrier_eta_on = models.DateField(_("carrier expects"), null=True)
    last_scan_at = models.DateTimeField(_("last scan"), null=True)
    poll_at = models.DateTimeField(_("courier is asked at"), null=True)
    followed_at = models.DateTimeField(_("courier was told to report since"), null=True)
    due_at = models.DateTimeField(
        _("has to leave by"), null=True, help_text=_("Only of an exchange: no promise waits.")
    )
    made_at = models.DateTimeField(_("made at"), null=True)
    packed_at = models.DateTimeField(_("packed at"), null=True)
    packed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    labelled_at = models.DateTimeField(_("labelled at"), null=True)
    handed_over_at = models.DateTimeField(_("handed over at"), null=True)
    delivered_at = models.DateTimeField(_("delivered at"), null=True)
    delivered_source = models.CharField(_("who says so"), max_length=10, blank=True)
    came_back_at = models.DateTimeField(
        _("came back to us at"), null=True, help_text=_("Refused or undeliverable; its pieces were put away again.")
    )

    class Meta:
        verbose_name = _("parcel")
        verbose_name_plural = _("parcels")
        permissions = [
            ("pack_parcel", "Can pack parcels"),
            ("hand_over_parcel", "Can hand parcels over to a courier"),
            ("note_scan", "Can note what a courier said about parcels"),
            ("take_parcel_back", "Can take back parcels that could not be delivered"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["order", "number"], name="parcel_number_once"),
            models.UniqueConstraint(
                fields=["carrier", "tracking_number"], condition=~Q(tracking_number=""), name="tracking_number_once"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["planned", "packed", "cancelled"]) | ~Q(tracking_number="") | Q(carrier=PICKUP),
                name="handed_over_has_tracking",
            ),
            models.CheckConstraint(
                condition=~Q(status="delivered") | Q(delivered_at__isnull=False), name="delivered_has_a_moment"
            ),
            models.CheckConstraint(condition=Q(came_back_at=None) | Q(status="cancelled"), name="came_back_is_over"),
        ]
        indexes = [
            models.Index(
                OpClass(Upper("tracking_number"), name="text_pattern_ops"),
                condition=~Q(tracking_number=""),
                name="parcel_of_tracking",
            ),
            models.Index(fields=["labelled_at"], condition=Q(status="packed"), name="parcel_labelled"),
            models.Index(
                Coalesce("last_scan_at", "handed_over_at"), condition=Q(status="handed_over"), name="parcel_heard_of"
            ),
            models.Index(fields=["delivered_at"], condition=Q(status="delivered"), name="parcel_arrived"),
            models.Index(fields=["poll_at", "id"], condition=Q(poll_at__isnull=False), name="parcel_to_ask_about"),
            models.Index(
                fields=["id"], condition=Q(status="handed_over", carrier_status="returned"), name="parcel_to_take_back"
            ),
            models.Index(
                fields=["order"],
                condition=Q(status__in=["planned", "packed", "handed_over"], due_at__isnull=False),
                name="parcel_of_exchange",
            ),
        ]

    def __str__(self) -> str:
        return f"parcel {self.number} of {self.order_id}"


class ParcelPlan(models.Model):
    """What we said about one parcel that goes at another time than the order's promise; the last version holds.

    A parcel without one is covered by the order's promise.
    """

    parcel = models.ForeignKey(Parcel, on_delete=models.PROTECT, related_name="plans")
    version = models.PositiveSmallIntegerField(_("version"))
    deliver_from_on = models.DateField(_("arrives from"))
    deliver_by_on = models.DateField(_("arrives by"))
    starts_on = models.DateField(_("we start on"))
    pack_by_at = models.DateTimeField(_("packed by"))
    hand_over_by_at = models.DateTimeField(_("handed over by"))
    breaks_at = models.DateTimeField(_("broken after"))
    basis = models.JSONField(_("computed from"))
    reason = models.CharField(_("reason the shopper reads"), max_length=300, blank=True)
    made_at = models.DateTimeField(_("made at"))

    class Meta:
        verbose_name = _("plan of a parcel")
        verbose_name_plural = _("plans of parcels")
        constraints = [
            models.UniqueConstraint(fields=["parcel", "version"], name="parcel_plan_version_once"),
            models.CheckConstraint(condition=Q(deliver_from_on__lte=F("deliver_by_on")), name="parcel_plan_range"),
        ]

    def __str__(self) -> str:
        return f"v{self.version} {self.deliver_from_on} - {self.deliver_by_on}"


class ParcelLine(models.Model):
    """What is inside."""

    parcel = models.ForeignKey(Parcel, on_delete=models.CASCADE, related_name="lines")
    line = models.ForeignKey("orders.OrderLine", on_delete=models.PROTECT, related_name="parcel_lines")
    quantity = models.PositiveSmallIntegerField(_("quantity"))

    class Meta:
        verbose_name = _("parcel line")
        verbose_name_plural = _("parcel lines")
        constraints = [
            models.UniqueConstraint(fields=["parcel", "line"], name="parcel_line_once"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="parcel_line_has_pieces"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.line_id}"


class TrackingEvent(models.Model):
    """One scan, translated into our vocabulary; kept once per provider and id."""

    parcel = models.ForeignKey(Parcel, on_delete=models.PROTECT, related_name="tracking")
    provider = models.CharField(_("provider"), max_length=40)
    external_id = models.CharField(_("provider's id"), max_length=100)
    status = models.CharField(_("status"), max_length=20)
    reason = models.CharField(_("reason"), max_length=40, blank=True)
    place = models.CharField(_("place"), max_length=100, blank=True)
    words = models.CharField(_("in the carrier's words"), max_length=300, blank=True)
    eta_on = models.DateField(_("expected on"), null=True)
    occurred_at = models.DateTimeField(_("happened at"))
    received_at = models.DateTimeField(_("received at"), db_default=Now())

    class Meta:
        verbose_name = _("tracking event")
        verbose_name_plural = _("tracking events")
        constraints = [models.UniqueConstraint(fields=["provider", "external_id"], name="tracking_event_once")]
        indexes = [models.Index(fields=["parcel", "occurred_at", "id"], name="tracking_of_parcel")]

    def __str__(self) -> str:
        return f"{self.status} {self.occurred_at}"
