"""Scans that people bring: one at the parcel, or a courier's list."""

from __future__ import annotations

from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from orders.models import TrackingEvent
from orders.operations.scanning import note_scan
from orders.rules.states import Impossible
from shop.models import Event
from shop.queries.audit import breaches
from tests.factories.orders import placed_order
from tests.factories.shop import UserFactory
from tests.orders.test_admin_desk import signed_in, staff
from tests.orders.test_operations_fulfilment import handed_over, parcel_of

pytestmark = pytest.mark.django_db

HEAD = "tracking_number,code,occurred_at,place,reason,eta_on\n"
LIST = HEAD + "HP-1001,held,2026-03-03 09:00,Leiria,weather,2026-03-06\nHP-1001,accepted,2026-03-02 12:00,Porto,,\n"
SCANS = "/admin/orders/parcel/scans/"


def test_what_the_courier_said_by_phone_counts_once_and_says_who_noted_it(now: datetime) -> None:
    parcel = handed_over(placed_order(at=now), now)
    by, moment = UserFactory(), now + timedelta(hours=3)
    told = {"parcel_id": parcel.pk, "status": "held", "occurred_at": moment, "reason": "weather", "by": by}

    pressed = [note_scan(at=now + timedelta(hours=4), **told) for _ in range(2)]

    parcel.refresh_from_db()
    assert (pressed, parcel.carrier_status) == ([True, False], "held")
    assert Event.objects.get(name="orders.parcel.scan-noted").actor == by
    assert breaches() == []


def test_a_parcel_that_is_still_here_has_no_scans(now: datetime) -> None:
    parcel = parcel_of(placed_order(at=now))

    with pytest.raises(Impossible):
        note_scan(parcel_id=parcel.pk, status="held", occurred_at=now, by=UserFactory(), at=now)

    assert (TrackingEvent.objects.count(), Event.objects.filter(name="orders.parcel.scan-noted").count()) == (0, 0)


class TestPages:
    """The button at the parcel, and the page that takes a list."""

    @pytest.fixture
    def agent(self) -> Client:
        return signed_in(staff("note_scan"))

    def test_button_notes_a_delivery(self, agent: Client) -> None:
        at = timezone.now() - timedelta(days=1)
        parcel = handed_over(placed_order(at=at), at)
        when = timezone.localtime() - timedelta(minutes=5)

        answer = agent.post(
            f"/admin/orders/parcel/{parcel.pk}/note-scan/",
            {"status": "delivered", "occurred_at": f"{when:%Y-%m-%dT%H:%M}", "place": "Porto"},
        )

        parcel.refresh_from_db()
        assert (answer.status_code, parcel.status) == (303, "delivered")

    def test_button_refuses_the_future(self, agent: Client) -> None:
        parcel = handed_over(placed_order(at=timezone.now()), timezone.now())

        answer = agent.post(
            f"/admin/orders/parcel/{parcel.pk}/note-scan/", {"status": "delivered", "occurred_at": "2999-01-01T10:00"}
        )

        assert (answer.status_code, TrackingEvent.objects.count()) == (422, 0)
        assert "This lies in the future. Enter when it happened." in answer.content.decode()

    def test_list_is_applied_whole(self, agent: Client, now: datetime) -> None:
        parcel = handed_over(placed_order(at=now), now)

        answer = agent.post(SCANS, {"carrier": "demo", "file": SimpleUploadedFile("scans.csv", LIST.encode())})

        parcel.refresh_from_db()
        assert (answer.status_code, parcel.carrier_status, TrackingEvent.objects.count()) == (303, "held", 2)
        assert Event.objects.get(name="orders.tracking.imported").payload == {"carrier": "demo", "scans": 2, "new": 2}

    @pytest.mark.parametrize(
        ("content", "sentence"),
        [
            (LIST + "HP-9,held,2026-03-03 09:00,,,\n", "Line 4, tracking_number: no parcel of demo has HP-9."),
            (LIST + "HP-1001,flown,2026-03-03 09:00,,,\n", "Line 4, code: “flown” is none of"),
            ("", "The file is empty. Choose another one"),
        ],
    )
    def test_list_with_a_wrong_line_changes_nothing(
        self, agent: Client, now: datetime, content: str, sentence: str
    ) -> None:
        handed_over(placed_order(at=now), now)

        answer = agent.post(SCANS, {"carrier": "demo", "file": SimpleUploadedFile("scans.csv", content.encode())})

        assert (answer.status_code, TrackingEvent.objects.count()) == (422, 0)
        assert sentence in answer.content.decode()


def test_command_looks_first_applies_then_and_changes_nothing_the_second_time(now: datetime, tmp_path: Path) -> None:
    handed_over(placed_order(at=now), now)
    file = tmp_path / "scans.csv"
    file.write_text(LIST)
    said = []

    for extra in (["--dry-run"], [], []):
        out = StringIO()
        call_command("import_tracking", str(file), "--carrier", "demo", *extra, stdout=out)
        said.append(out.getvalue().strip())

    assert said == ["2 scans of 1 parcels; nothing was changed.", "2 new scans of 2.", "0 new scans of 2."]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nowhere.csv"], "nowhere.csv: No such file or directory."),
        (["nowhere.csv", "--carrier", "pigeon"], "There is no courier pigeon. COURIERS names demo, own."),
    ],
)
def test_command_refuses_with_a_sentence(arguments: list[str], sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        call_command("import_tracking", *arguments)
