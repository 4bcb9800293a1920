"""Tell me when it is back: the form of one piece, and the page a mailed link opens."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from shop.forms.alerts import AlertForm
from shop.models import Product, StockAlert
from shop.operations.alerts import NotWaitedFor, ask_alert, confirm_alert, stop_alert
from shop.operations.limits import TooOften
from shop.queries.alerts import alert_of, sold_out
from shop.visitors import shopper, speak


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask which form she waits for and where to write; the answer is the same whether or not she asked before."""
    product = Product.objects.on_sale().filter(slug=slug).order_by("id").first()
    if product is None:
        raise Http404("Nothing on sale at this address")
    choices = sold_out(slug)
    person = shopper(request)
    initial = {"variant": request.GET.get("variant", ""), "email": person.email if person else ""}
    form = AlertForm(request.POST or None, sold_out=choices, initial=initial)
    if request.method == "POST" and form.is_valid() and (answer := _asked(request, product, form)):
        return answer
    context = {"product": product, "form": form, "choices": choices}
    return render(request, "shop/alert_ask.html", context, status=422 if form.errors else 200)


def _asked(request: HttpRequest, product: Product, form: AlertForm) -> HttpResponse | None:
    """Note the wish and lead back to the piece; None when the form has to say why not."""
    email, proved = form.cleaned_data["email"], _is_hers(request, form.cleaned_data["email"])
    try:
        ask_alert(
            variant_id=form.cleaned_data["variant"],
            email=email,
            locale=get_language() or settings.LANGUAGE_CODE,
            proved=proved,
            at=timezone.now(),
        )
    except NotWaitedFor:
        form.add_error("variant", _("That one is back just now. Look at its page again."))
        return None
    except TooOften:
        form.add_error("email", _("We have written to this address several times. Look into that mailbox first."))
        return None
    if proved:
        messages.success(request, _("We write to you once, as soon as it is back."))
    else:
        messages.success(
            request, _("Look into your mail: press the button there, and we write to you when it is back.")
        )
    return redirect(product)


def _is_hers(request: HttpRequest, email: str) -> bool:
    """Tell whether she is signed in with an address she has proved to be hers."""
    person = shopper(request)
    return person is not None and EmailAddress.objects.filter(user=person, verified=True, email__iexact=email).exists()


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def alert(request: HttpRequest, token: str) -> HttpResponse:
    """Show one wait, and confirm or stop it.  Opening the page changes nothing: programs look at links, too."""
    try:
        found = alert_of(token)
        if request.method == "POST":
            act = stop_alert if request.POST.get("do") == "stop" else confirm_alert
            act(alert_id=found.pk, at=timezone.now())
            return _private(redirect("shop:alert", token))
    except StockAlert.DoesNotExist:
        raise Http404("No such wait") from None
    speak(request, found.locale)
    return _private(render(request, "shop/alert.html", {"alert": found, "product": found.variant.product}))


def _private(response: HttpResponse) -> HttpResponse:
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response
