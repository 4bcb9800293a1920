"""The demo's shopper with an account: Marta, who ordered before as a guest.  Never outside the demo and the tests."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import transaction

from shop.models import User
from shop.operations.accounts import note_address_proved, trust_address
from shop.operations.own_size import keep_own_size
from shop.operations.seed_staff import DEMO_PASSWORD

EMAIL, NAME = "marta@example.com", "Marta Sousa"
MEASURES = {"body-chest": 940, "body-waist": 830}  # millimetres


@transaction.atomic
def seed_shopper(at: datetime) -> str:
    """Open Marta's account unless she has one; what she ordered as a guest becomes hers."""
    if not (settings.DEMO or settings.TESTING):
        return "left out: no demo"
    if not User.objects.filter(email__iexact=EMAIL).exists():
        marta = User.objects.create_user(EMAIL, DEMO_PASSWORD, name=NAME)
        trust_address(user_id=marta.pk)
        note_address_proved(user_id=marta.pk, signed_up_here=True, at=at)
        keep_own_size(user_id=marta.pk, measures=MEASURES, usual={"jumper": "M"}, at=at)
    return "1 shopper with an account"
