"""The numbers of waiting customers on the first page of the admin."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.factories.support import agent, asked

pytestmark = pytest.mark.django_db


def test_every_number_of_customers_leads_to_that_many_conversations(client: Client) -> None:
    now = timezone.now()
    asked(at=now, text="Is it wool?")
    asked(at=now - timedelta(days=9), text="Where is it?", email="rui@example.com")
    client.force_login(agent("view_conversation"))

    todos = client.get("/admin/").context["todos"]

    counts = {str(each["label"]): (each["count"], each["alarm"]) for each in todos}
    assert counts == {"customers who wait too long already": (1, True), "customers waiting for us": (2, False)}
    for each in todos:
        assert client.get(each["url"]).context["cl"].result_count == each["count"], each["url"]
