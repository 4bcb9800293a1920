"""The language of pages: chosen in the footer, remembered in a cookie and in the account of who is signed in."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from shop.cookies import remember_language
from shop.operations.accounts import change_language
from shop.visitors import shopper


# A token in the footer would keep every page from being cached, and there is nothing to protect: other sites' forms
# come without the session (SameSite=Lax), so the worst they do is change the words of a page.
@csrf_exempt
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Keep the language and lead back to where it was chosen."""
    code = request.POST.get("language", "")
    if code not in dict(settings.LANGUAGES):
        return HttpResponseBadRequest()
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        back = "/"
    person = shopper(request)
    if person is not None and person.language != code:
        change_language(user_id=person.pk, language=code)
    response = HttpResponseRedirect(back)
    remember_language(response, code)
    return response
