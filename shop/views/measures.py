"""How sizes and measures are shown: chosen on a page without script, remembered by this device when asked."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from shop.cookies import remember
from shop.models import SizeName
from shop.rules.lengths import CENTIMETRES, INCHES
from shop.views.own_size import UNIT_COOKIE

SYSTEM_COOKIE = "sizes"
OURS = "ours"
_CHOICES = {UNIT_COOKIE: (CENTIMETRES, INCHES), SYSTEM_COOKIE: (OURS, *SizeName.System.values)}


@require_POST
def measures(request: HttpRequest) -> HttpResponse:
    """Keep the unit or the numbers of sizes, and lead back to where they were chosen."""
    chosen = {name: request.POST[name] for name, offered in _CHOICES.items() if request.POST.get(name) in offered}
    if not chosen:
        return HttpResponseBadRequest()
    back = request.POST.get("next", "")
    response = HttpResponseRedirect(back if url_has_allowed_host_and_scheme(back, allowed_hosts=None) else "/")
    for name, value in chosen.items():
        remember(response, name, value)
    return response


def chosen_system(request: HttpRequest) -> str:
    """Return by whose numbers this device shows sizes: a code of SizeName.System, or OURS."""
    system = request.COOKIES.get(SYSTEM_COOKIE, OURS)
    return system if system in _CHOICES[SYSTEM_COOKIE] else OURS
