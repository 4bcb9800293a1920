"""An account's orders and addresses.  A stranger's number or address meets the same 404 as one that never was."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from orders.forms.addresses import SavedAddressForm
from orders.messages.shelf import card
from orders.models import Order, SavedAddress
from orders.operations.access import own_link
from orders.operations.addresses import TooMany, change_address, drop_address, keep_address
from orders.queries.address_formats import address_lines
from orders.queries.credit import accounts_of, entries_of
from orders.queries.mine import addresses_of, order_of, orders_of
from orders.views.country import chosen_country, country_choices
from shop.views.own import own_page, owner

ON_A_PAGE = 20
FIELDS = "fields"  # the button that asks for the fields of another country


@require_safe
@own_page
def orders(request: HttpRequest) -> HttpResponse:
    """Show somebody's orders, what is still to come first."""
    page = Paginator(orders_of(owner(request).pk), ON_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "orders/mine.html", {"page": page, "orders": [card(order) for order in page.object_list]})


@require_safe
@own_page
def order(request: HttpRequest, number: str) -> HttpResponse:
    """Lead to the page of one order: the very one the link in her mails opens."""
    try:
        found = order_of(owner(request).pk, number)
    except Order.DoesNotExist:
        raise Http404("No such order") from None
    return redirect("orders:track", token=own_link(order=found, at=timezone.now()))


@require_safe
@own_page
def credit(request: HttpRequest) -> HttpResponse:
    """Show what somebody has in store credit, and where it came from and went."""
    person = owner(request)
    page = Paginator(entries_of(person), ON_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "orders/credit.html", {"page": page, "accounts": accounts_of(person)})


@require_http_methods(["GET", "HEAD", "POST"])
@own_page
def addresses(request: HttpRequest) -> HttpResponse:
    """Show the address book, and keep a new address."""
    person = owner(request)
    initial = {"full_name": person.name, "country": chosen_country(request)}
    form = _form(request, initial)
    if form.is_bound and form.is_valid():
        try:
            keep_address(
                user_id=person.pk, address=form.as_address(), first=form.cleaned_data["first"], at=timezone.now()
            )
        except TooMany:
            form.add_error(None, _("Your address book is full. Throw an address away that you no longer use."))
        else:
            messages.success(request, _("The address is kept. You find it at the checkout."))
            return redirect("orders:addresses")
    rows = [{"row": row, "lines": address_lines(row)[1:]} for row in addresses_of(person.pk)]
    context = {"form": form, "addresses": rows, "typing": request.method == "POST"}
    return render(request, "orders/addresses.html", context, status=422 if form.errors else 200)


def _form(request: HttpRequest, initial: dict[str, Any]) -> SavedAddressForm:
    """Return the form as it was posted; for the fields of another country it begins with what was typed so far."""
    countries = country_choices()
    if request.method != "POST":
        return SavedAddressForm(countries=countries, initial=initial)
    if request.POST.get("action") == FIELDS:
        return SavedAddressForm(countries=countries, initial=initial | request.POST.dict())
    return SavedAddressForm(request.POST, countries=countries, initial=initial)


@require_http_methods(["GET", "HEAD", "POST"])
@own_page
def address(request: HttpRequest, address_id: int) -> HttpResponse:
    """Show and change one address."""
    person = owner(request)
    row = addresses_of(person.pk).filter(pk=address_id).first()
    if row is None:
        raise Http404("No such address")
    initial = {name: getattr(row, name) for name in SavedAddressForm.base_fields if name != "first"}
    form = _form(request, initial | {"first": row.is_default})
    if not form.is_bound or not form.is_valid():
        context = {"form": form, "address": row}
        return render(request, "orders/address.html", context, status=422 if form.errors else 200)
    change_address(user_id=person.pk, address_id=row.pk, address=form.as_address(), first=form.cleaned_data["first"])
    messages.success(request, _("The address is changed. Orders you placed before keep theirs."))
    return redirect("orders:addresses")


@require_POST
@own_page
def address_gone(request: HttpRequest, address_id: int) -> HttpResponse:
    """Throw one address away."""
    try:
        drop_address(user_id=owner(request).pk, address_id=address_id)
    except SavedAddress.DoesNotExist:
        raise Http404("No such address") from None
    messages.success(request, _("The address is gone from your account."))
    return redirect("orders:addresses")
