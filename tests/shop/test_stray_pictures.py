"""Files of pictures nobody points at: found and removed when they are a day old, and nothing else is touched."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from io import BytesIO, StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command

from shop import sweeps
from shop.gateways.pictures import Kept, draw_anew, keep
from shop.gateways.product_pictures import draw_upload, keep_upload
from shop.models import Category, ReviewPhoto, UploadedPicture, User
from shop.operations import pictures, stray_pictures
from shop.operations.pictures import (
    Caption,
    discard_picture,
    draw_pictures,
    hang_picture,
    keep_pictures,
    take_down_picture,
)
from shop.operations.stray_pictures import look_through, remove_stray, sweep_stray_pictures
from shop.rules.pictures import FORMATS, WIDTHS, file_of, path_of
from tests.factories.catalogue import tee
from tests.factories.pictures import an_upload
from tests.factories.shop import CategoryFactory, StaffFactory
from tests.factories.voices import a_photo, picture, written

pytestmark = pytest.mark.django_db

TWO_DAYS = timedelta(days=2)


@pytest.fixture(autouse=True)
def _own_storage(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def stored() -> list[str]:
    """Every file of the storage, ours or not."""
    folders = default_storage.listdir("")[0]
    return sorted(f"{folder}/{file}" for folder in folders for file in default_storage.listdir(folder)[1])


def aged(at: datetime, age: timedelta = TWO_DAYS) -> None:
    """Let every file in the storage be that old."""
    for path in stored():
        os.utime(default_storage.path(path), times=((at - age).timestamp(),) * 2)


def a_lost_piece() -> Kept:
    """Files of an upload whose process died before the row."""
    return keep_upload(draw_upload(BytesIO(picture(size=(900, 900)))))


def test_what_a_dying_upload_left_is_removed_when_it_is_a_day_old(now: datetime) -> None:
    lost, photo = a_lost_piece(), keep(draw_anew(BytesIO(picture())))
    mine, whose = an_upload(), a_photo(written(at=now))
    draw_pictures(now)
    aged(now, timedelta(hours=23))
    young = sweep_stray_pictures(now)
    aged(now)

    assert (young, sweep_stray_pictures(now + timedelta(days=1))) == (0, 3)

    assert not {file_of(lost.name), f"reviews/{photo.name}.webp", f"reviews/{photo.name}-small.webp"} & set(stored())
    assert len(stored()) == 1 + len(WIDTHS) * len(FORMATS) + 2
    assert look_through(now + TWO_DAYS).missing == ()
    assert (mine.pk, whose.pk) == (UploadedPicture.objects.get().pk, ReviewPhoto.objects.get().pk)


@pytest.mark.parametrize("guarded", [True, False])
def test_an_upload_under_way_keeps_its_files(guarded: bool, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the files and the row another worker looks through the storage; without the day it takes the files."""
    honest = pictures._keep
    if not guarded:
        monkeypatch.setattr(stray_pictures, "AGE", -timedelta(days=36500))
    removed: list[int] = []

    def meanwhile_swept(product_id: int, files: Sequence[Kept], by: User, at: datetime) -> list[UploadedPicture]:
        aged(now, timedelta(0))
        removed.append(sweep_stray_pictures(now))
        return honest(product_id, files, by, at)

    monkeypatch.setattr(pictures, "_keep", meanwhile_swept)
    upload = draw_upload(BytesIO(picture(size=(900, 900))))
    [kept] = keep_pictures(product_id=tee().pk, uploads=[upload], by=StaffFactory(), at=now)

    assert (removed, stored()) == (([0], [file_of(kept.name)]) if guarded else ([1], []))


def test_a_row_written_while_the_storage_is_listed_is_read(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """However old the file: rows are read after the listing, so that what was listed has its row by then."""
    product, lost, honest = tee(), a_lost_piece(), stray_pictures.stored_pictures
    aged(now)

    def meanwhile_written() -> Any:
        yield from honest()
        UploadedPicture.objects.create(product=product, uploaded_at=now, **vars(lost))

    monkeypatch.setattr(stray_pictures, "stored_pictures", meanwhile_written)

    assert look_through(now).stray == ()


def test_files_of_others_are_never_touched(now: datetime) -> None:
    for path in (
        f"pieces/{uuid4()}-500.webp",
        "pieces/readme.txt",
        f"reviews/{uuid4()}.png",
        f"invoices/{uuid4()}.webp",
    ):
        default_storage.save(path, ContentFile(b"not ours"))
    before = stored()
    aged(now)

    assert (sweep_stray_pictures(now), stored()) == (0, before)


def test_what_was_ever_shown_stays_and_so_does_what_a_shelf_shows(now: datetime) -> None:
    staff, shown, never, shelf = StaffFactory(), an_upload(), an_upload(tee(slug="other")), a_lost_piece()
    image = hang_picture(upload_id=shown.pk, caption=Caption("Tee"), by=staff, at=now)
    draw_pictures(now)
    take_down_picture(image_id=image.pk, by=staff, at=now)
    discard_picture(upload_id=shown.pk, by=staff, at=now)
    CategoryFactory(slug="shelf")
    Category.objects.filter(slug="shelf").update(image=path_of(shelf.name, drawn=False))
    UploadedPicture.objects.filter(pk=never.pk).delete()  # as a process leaves it that dies before the files
    aged(now)

    found = look_through(now)

    assert {path[: len("pieces/") + 36] for path in found.stray} == {f"pieces/{never.name}"}
    assert remove_stray(found.stray) == 1 + len(WIDTHS) * len(FORMATS)
    assert look_through(now).stray == ()
    assert default_storage.exists(file_of(shown.name, 800))


def test_a_picture_whose_file_is_gone_is_reported_and_a_fresh_one_is_not(
    now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    old, photo, fresh = an_upload(), a_photo(written(at=now)), an_upload(tee(slug="other"))
    UploadedPicture.objects.filter(pk=old.pk).update(uploaded_at=now - TWO_DAYS)
    photo.review.__class__.objects.filter(pk=photo.review_id).update(written_at=now - TWO_DAYS)
    for path in (file_of(old.name), f"reviews/{photo.name}-small.webp", file_of(fresh.name)):
        default_storage.delete(path)

    with caplog.at_level(logging.WARNING):
        assert sweep_stray_pictures(now) == 0

    assert look_through(now).missing == (file_of(old.name), f"reviews/{photo.name}-small.webp")
    assert f"2 files of pictures are missing, such as {file_of(old.name)}" in caplog.text


def test_it_is_looked_through_once_a_night_and_at_most_so_many_are_removed(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stray_pictures, "MOST", 2)
    for _ in range(3):
        a_lost_piece()
    aged(now, timedelta(days=9))

    nights = [sweeps.run("shop.sweep_stray_pictures", at=now + timedelta(hours=hours)) for hours in (0, 1, 24, 25, 48)]

    assert nights == [2, 0, 1, 0, 0]


def test_a_storage_that_is_away_stops_nothing_and_the_command_says_so(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_lost_piece()
    aged(now)

    def away(*_: Any) -> None:
        raise OSError("no route")

    monkeypatch.setattr(default_storage, "delete", away)
    assert sweep_stray_pictures(now) == 0
    monkeypatch.setattr(default_storage, "listdir", away)
    assert sweep_stray_pictures(now + timedelta(days=1)) == 0
    with pytest.raises(SystemExit) as left:
        call_command("stray_pictures", stderr=StringIO())
    assert left.value.code == 2


def test_the_command_lists_and_removes_only_when_asked(now: datetime) -> None:
    lost, said = a_lost_piece(), StringIO()
    aged(now, timedelta(days=36_500))

    call_command("stray_pictures", stdout=said)
    kept = stored()
    call_command("stray_pictures", "--remove", stdout=said)

    assert kept == [file_of(lost.name)]
    assert said.getvalue().splitlines() == [
        f"stray    {file_of(lost.name)}",
        "1 stray, 0 removed, 0 missing.",
        f"stray    {file_of(lost.name)}",
        "1 stray, 1 removed, 0 missing.",
    ]
    assert stored() == []
