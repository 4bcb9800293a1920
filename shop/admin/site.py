"""The admin site."""

from __future__ import annotations

from django.contrib.admin import AdminSite
from django.utils.translation import gettext_lazy as _


class KingpostAdminSite(AdminSite):
    """Django's admin with our name on the door."""

    site_header = _("Kingpost")
    site_title = _("Kingpost")
    index_title = _("Good to have you here")
