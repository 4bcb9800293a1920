"""Invoices and credit notes in the admin: read them, and set right who bought."""

from __future__ import annotations

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from orders.models import Document, DocumentFile
from orders.operations.documents import NothingToCorrect, correct_invoice
from shop.admin.base import Button, OperationButtons, Pressed, ReadOnlyAdmin
from shop.rules import wording
from shop.rules.money import Money
from shop.views.pdf import pdf_answer


class BuyerForm(forms.Form):
    """Who bought, as it shall stand on the invoice."""

    use_required_attribute = False

    buyer = forms.CharField(
        label=_lazy("Name, address and VAT number of the buyer"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_lazy("One line for each line on the invoice."),
        error_messages={"required": _lazy("Enter at least the name.")},
    )


def correct(press: Pressed[Document]) -> str:
    """Take an invoice back and write it again."""
    lines = [line.strip() for line in press.values["buyer"].splitlines() if line.strip()]
    fresh = correct_invoice(order_id=press.row.order_id, buyer=lines, by=press.by, at=press.at)
    return _("%(old)s is taken back by a credit note; %(new)s stands in its place.") % {
        "old": press.row.number,
        "new": fresh.number,
    }


@admin.register(Document)
class DocumentAdmin(OperationButtons, ReadOnlyAdmin):
    """Invoices and credit notes.  Nobody changes one: another one sets it right."""

    list_display = ("number", "kind", "issued_on", "order", "total", "tax")
    list_filter = ("kind", "year")
    list_select_related = ("order", "corrects", "grant", "actor")
    search_fields = ("number", "order__number")
    ordering = ("-id",)
    fields = ("number", "kind", "issued_on", "order", "corrects", "grant", "total", "tax", "actor", "pdf_link")
    buttons = (
        Button(
            "correction",
            _lazy("Correct who bought"),
            "orders.correct_document",
            call=correct,
            form=BuyerForm,
            shown=lambda document: document.kind == Document.Kind.INVOICE,
            refusals={
                NothingToCorrect: _lazy(
                    "Some of this invoice was given back or taken back already, so it cannot be written again."
                )
            },
        ),
    )

    @admin.display(description=_lazy("total"))
    def total(self, document: Document) -> str:
        """Show the sum."""
        return wording.money(Money(document.total_minor, document.currency), "en")

    @admin.display(description=_lazy("tax"))
    def tax(self, document: Document) -> str:
        """Show the tax in it."""
        return wording.money(Money(document.tax_minor, document.currency), "en")

    @admin.display(description=_lazy("PDF"))
    def pdf_link(self, document: Document) -> str:
        """Lead to the paper."""
        address = reverse("admin:orders_document_pdf", args=[document.pk])
        return format_html('<a href="{}">{}</a>', address, document.number)

    def get_urls(self) -> list[URLPattern]:
        """Add the PDF."""
        pdf = path("<int:document_id>/pdf/", self.admin_site.admin_view(self.pdf), name="orders_document_pdf")
        return [pdf, *super().get_urls()]

    def pdf(self, request: HttpRequest, document_id: int) -> HttpResponse:
        """Show the paper."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        made = DocumentFile.objects.filter(document_id=document_id).select_related("document").order_by("id").first()
        if made is None:
            raise Http404
        return pdf_answer(made.pdf, made.document.number, show=True)
