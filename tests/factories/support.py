"""The support desk and conversations."""

from __future__ import annotations

import uuid
from datetime import datetime, time
from typing import Any

from django.contrib.auth.models import Permission

from orders.models import Order
from shop.models import User
from support.models import Message
from support.operations.opening import Writing, open_conversation
from support.operations.policies import add_policies
from tests.factories.shop import StaffFactory, calendar


def support_desk() -> None:
    """Monday to Friday nine to six in Lisbon; first answers within two hours, in an hour when something is wrong."""
    calendar("support", "support", opens=time(9), closes=time(18), cutoff=None)
    add_policies()


def asked(*, at: datetime, email: str = "ana@example.com", order: Order | None = None, **fields: Any) -> Message:
    """A question from the contact form."""
    support_desk()
    writing = Writing(
        email=email,
        name=fields.pop("name", "Ana Costa"),
        kind=fields.pop("kind", "question"),
        text=fields.pop("text", "Will it fit a small table?"),
        order=order,
    )
    return open_conversation(client_token=fields.pop("token", uuid.uuid4()), writing=writing, customer=None, at=at)


def agent(*codenames: str, **fields: Any) -> User:
    """Somebody at the desk with these rights of the support app."""
    person = StaffFactory(**fields)
    person.user_permissions.set(Permission.objects.filter(content_type__app_label="support", codename__in=codenames))
    return person
