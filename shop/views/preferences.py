"""Country and display: two cookies, set by a form, no account needed."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from shop.cookies import remember
from shop.forms import PreferencesForm
from shop.views.caching import COUNTRY_COOKIE
from shop.views.catalogue import chosen_country, country_choices

THEME_COOKIE = "theme"


@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    """Show and keep the country and the colours."""
    countries = country_choices()
    if request.method != "POST":
        now = {"country": chosen_country(request, countries), "theme": request.COOKIES.get(THEME_COOKIE, "auto")}
        return _page(request, PreferencesForm(initial=now, countries=countries))
    form = PreferencesForm(request.POST, countries=countries)
    if not form.is_valid():
        return _page(request, form, status=422)
    response = redirect("shop:home")
    remember(response, COUNTRY_COOKIE, form.cleaned_data["country"])
    remember(response, THEME_COOKIE, form.cleaned_data["theme"])
    return response


def _page(request: HttpRequest, form: PreferencesForm, status: int = 200) -> HttpResponse:
    return render(request, "shop/preferences.html", {"form": form}, status=status)
