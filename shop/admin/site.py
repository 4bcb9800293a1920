"""The admin site: Django's own admin, in the shop's colours, that says first what is to do."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from shop import todo
from shop.forms import StaffLoginForm


class KingpostAdminSite(AdminSite):
    """Everything staff do, behind one login.

    Django's own sidebar and theme switch are left out: the menu works without JavaScript, and the theme is the one
    chosen in the shop.
    """

    site_header = settings.SHOP_NAME
    site_title = settings.SHOP_NAME
    index_title = _("What is to do now")
    index_template = "admin/index.html"
    login_template = "admin/login.html"
    enable_nav_sidebar = False
    login_form = StaffLoginForm

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Ask for address and password; 429 when that was tried too often."""
        response = super().login(request, extra_context)
        form = (getattr(response, "context_data", None) or {}).get("form")
        if isinstance(form, StaffLoginForm) and form.refused_for_now:
            response.status_code = 429
        return response

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """Show the numbers this person can act on, then everything she may open."""
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
        return super().index(request, {"todos": numbers, "as_of": at, **(extra_context or {})})


def _shown(count: int) -> str:
    return f"{todo.MOST}+" if count > todo.MOST else str(count)


def _address(each: todo.Todo) -> str:
    return reverse(each.url_name) + (f"?{each.query}" if each.query else "")
