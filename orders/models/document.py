"""Invoices and credit notes: numbered without gaps, never changed; what is wrong is set right by another document.

Source: Directive 2006/112/EC art. 219, 226; commerce reference 7.12.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class DocumentSeries(models.Model):
    """The last number of one kind in one year.  Its row is locked while a number is taken."""

    kind = models.CharField(_("kind"), max_length=12)
    year = models.PositiveSmallIntegerField(_("year"))
    last_number = models.PositiveIntegerField(_("last number"), default=0)

    class Meta:
        verbose_name = _("series of numbers")
        verbose_name_plural = _("series of numbers")
        constraints = [models.UniqueConstraint(fields=["kind", "year"], name="series_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.year}: {self.last_number}"


class Document(models.Model):
    """One invoice or credit note.  `content` is all that is printed on it, as it was on that day."""

    class Kind(models.TextChoices):
        """What it is."""

        INVOICE = "invoice", _("invoice")
        CREDIT_NOTE = "credit_note", _("credit note")

    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    year = models.PositiveSmallIntegerField(_("year"))
    sequence = models.PositiveIntegerField(_("number in the year"))
    number = models.CharField(_("number"), max_length=30, unique=True)
    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="documents")
    corrects = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="corrections")
    grant = models.OneToOneField("orders.RefundGrant", on_delete=models.PROTECT, null=True, related_name="document")
    currency = models.CharField(_("currency"), max_length=3)
    total_minor = models.PositiveIntegerField(_("total (minor units)"))
    tax_minor = models.PositiveIntegerField(_("tax in it (minor units)"))
    content = models.JSONField(_("what is printed"))
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    issued_on = models.DateField(_("of the day"))
    issued_at = models.DateTimeField(_("issued at"))

    class Meta:
        verbose_name = _("invoice or credit note")
        verbose_name_plural = _("invoices and credit notes")
        permissions = [("correct_document", _("Can correct invoices"))]
        constraints = [
            models.UniqueConstraint(fields=["kind", "year", "sequence"], name="document_number_once"),
            models.CheckConstraint(
                condition=Q(kind="invoice", grant__isnull=True) | Q(kind="credit_note", corrects__isnull=False),
                name="credit_note_corrects_something",
            ),
            models.CheckConstraint(condition=Q(tax_minor__lte=models.F("total_minor")), name="document_tax_inside"),
        ]

    def __str__(self) -> str:
        return self.number


class DocumentFile(models.Model):
    """The PDF of a document, made once."""

    document = models.OneToOneField(Document, on_delete=models.PROTECT, related_name="file")
    pdf = models.BinaryField(_("PDF"))
    made_at = models.DateTimeField(_("made at"), db_default=Now())

    class Meta:
        verbose_name = _("PDF")
        verbose_name_plural = _("PDFs")

    def __str__(self) -> str:
        return f"PDF of {self.document_id}"
