"""The admin site: Django's own admin, in the shop's colours, that says first what is to do."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from shop import todo


class KingpostAdminSite(AdminSite):
    """Everything staff do, behind one login.

    Django's own sidebar and theme switch are left out: the menu works without JavaScript, and the theme is the one
    chosen in the shop.
    """

    site_header = settings.SHOP_NAME
    site_title = settings.SHOP_NAME
    index_title = _("What is to do now")
    index_template = "admin/index.html"
    enable_nav_sidebar = False

    def has_permission(self, request: HttpRequest) -> bool:
        """Let in who works here, with her second factor where one is asked for."""
        return super().has_permission(request) and not _lacks_second_factor(request)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Send to the one door of the house; who came through it learns what is missing."""
        if not request.user.is_authenticated:
            return redirect_to_login(_where_to(request), settings.LOGIN_URL)
        if not super().has_permission(request):
            context = {**self.each_context(request), "title": gettext("Not for this account"), **(extra_context or {})}
            return TemplateResponse(request, "admin/stranger.html", context, status=403)
        if _lacks_second_factor(request):
            messages.info(request, gettext("Who works here signs in with a second factor. Set yours up now."))
            return redirect("mfa_activate_totp")
        return HttpResponseRedirect(_where_to(request))

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """Show what this person can act on, alarms first and what is done last, then everything she may open."""
        at = timezone.now()
        numbers = [
            {
                "label": each.label,
                "count": count,
                "shown": _shown(count),
                "alarm": each.alarm and count > 0,
                "url": _address(each),
            }
            for each, count in todo.counted(reader=request.user, at=at)
        ]
        numbers.sort(key=lambda number: (not number["alarm"], number["count"] == 0))
        return super().index(request, {"todos": numbers, "as_of": at, **(extra_context or {})})


def _where_to(request: HttpRequest) -> str:
    """Return the page of ours she wanted to see, the first page of the admin when it is none of ours."""
    wanted = request.GET.get("next", "")
    safe = wanted.startswith("/") and url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if safe else reverse("admin:index")


def _lacks_second_factor(request: HttpRequest) -> bool:
    """Tell whether staff have to have a second factor and this person has none.  One query, none in the demo."""
    if not settings.STAFF_SECOND_FACTOR:
        return False
    return not Authenticator.objects.filter(user_id=request.user.pk, type=Authenticator.Type.TOTP).exists()


def _shown(count: int) -> str:
    return f"{todo.MOST}+" if count > todo.MOST else str(count)


def _address(each: todo.Todo) -> str:
    return reverse(each.url_name) + (f"?{each.query}" if each.query else "")
