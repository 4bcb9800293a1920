"""Playing the customer: the demo page and the command go through the real webhook."""

from __future__ import annotations

from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from shop.models import Inbound
from shop.operations.inbound import process_inbound
from support.queries.addresses import conversation_address
from support.templatetags.desk import demo_reply_url
from tests.factories.support import asked
from tests.support.mails import FOLDER

DEMO = "/demo/reply/"


@pytest.mark.django_db
def test_the_demo_page_is_there_in_the_demo_alone(client: Client, settings: Settings) -> None:
    settings.DEMO = False

    assert [client.get(DEMO).status_code, client.post(DEMO).status_code] == [404, 404]


@pytest.mark.django_db(transaction=True)
def test_an_answer_typed_in_the_demo_joins_its_thread(live_server: LiveServer, settings: Settings) -> None:
    settings.DEMO = True
    conversation = asked(at=datetime.now(UTC)).conversation
    written = {
        "from": "ana@example.com",
        "name": "Ana",
        "to": conversation_address(conversation.pk),
        "subject": "Re: Will it fit\nBcc: all@example.com",
        "text": "Thank you.",
    }
    host = live_server.url.removeprefix("http://")

    page = Client(headers={"host": host}).post(DEMO, written)
    process_inbound(datetime.now(UTC))

    assert (page.status_code, "Sent." in page.text) == (200, True)
    assert [message.text for message in conversation.messages.order_by("id")] == [
        "Will it fit a small table?",
        "Thank you.",
    ]


@pytest.mark.django_db(transaction=True)
def test_receive_mail_posts_a_file(live_server: LiveServer) -> None:
    out = StringIO()

    call_command(
        "receive_mail", str(FOLDER / "plain.eml"), url=live_server.url + reverse("support:mail-hook"), stdout=out
    )

    assert out.getvalue() == "Taken: a mail from ana@example.com to care@hearth-and-thread.example.\n"
    assert Inbound.objects.get().headers["envelope_to"] == "care@hearth-and-thread.example"


def test_receive_mail_says_what_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="Cannot read"):
        call_command("receive_mail", str(tmp_path / "nothing.eml"))
    with pytest.raises(CommandError, match="Nobody answers"):
        call_command("receive_mail", str(FOLDER / "plain.eml"), url="http://127.0.0.1:9/hooks/mail/")


def test_a_letter_knows_where_its_reader_answers_it() -> None:
    headers = [
        ("To", "Ana Costa <ana@example.com>"),
        ("From", "Hearth <care@shop.example>"),
        ("Reply-To", "care+c-1-x@shop.example"),
        ("Subject", "Re: Two mugs"),
        ("Message-ID", "<one@shop.example>"),
    ]

    assert demo_reply_url(headers) == (
        "/demo/reply/?from=ana%40example.com&name=Ana+Costa&to=care%2Bc-1-x%40shop.example"
        "&subject=Re%3A+Two+mugs&in_reply_to=one%40shop.example"
    )
