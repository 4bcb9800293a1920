"""What every template knows about the shop."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def shop(request: HttpRequest) -> dict[str, Any]:
    """Return the brand, how to reach us, and whether this is the demo.  No query."""
    return {
        "shop_name": settings.SHOP_NAME,
        "care_email": settings.CARE_EMAIL,
        "care_phone": settings.CARE_PHONE,
        "site_url": settings.SITE_URL,
        "demo": settings.DEMO,
    }
