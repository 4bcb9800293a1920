"""Pictures staff upload: refused or drawn anew, hung with words, drawn smaller, handed out."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from PIL import Image, ImageCms
from pytest_django import DjangoAssertNumQueries

from shop.gateways import product_pictures
from shop.gateways.pictures import upright
from shop.gateways.product_pictures import draw_upload
from shop.models import Event, Product, ProductImage, UploadedPicture
from shop.operations.people import sync_roles
from shop.operations.pictures import (
    MOST_TRIES,
    WAIT,
    AlreadyHung,
    Caption,
    NotDecorative,
    WordsMissing,
    WornInNoSize,
    _draw,
    discard_picture,
    draw_pictures,
    forget_pictures,
    hang_picture,
    keep_pictures,
    move_picture_first,
    take_down_picture,
)
from shop.rules.pictures import FORMATS, WIDTHS, file_of
from tests.factories.catalogue import tee
from tests.factories.pictures import an_upload
from tests.factories.shop import StaffFactory
from tests.factories.voices import picture
from tests.pages import words
from tests.shop.test_admin import as_posted
from tests.shop.test_pictures import _png_head

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_storage(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def ines(client: Client, now: datetime) -> Client:
    """Ines of the catalogue, signed in."""
    sync_roles(at=now)
    person = StaffFactory(email="ines@example.com")
    person.groups.add(Group.objects.get(name="catalogue"))
    client.force_login(person)
    return client


def page_of(product: Product) -> str:
    return f"/admin/shop/product/{product.pk}/pictures/"


def a_file(content: bytes, name: str = "front.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="image/jpeg")


def files_kept() -> list[str]:
    return sorted(default_storage.listdir("pieces")[1]) if default_storage.exists("pieces") else []


# -- Uploading ------------------------------------------------------------------------------------------------------


def test_staff_upload_say_what_it_shows_and_shoppers_see_it(ines: Client, now: datetime) -> None:
    product = tee()
    ProductImage.objects.filter(product=product).delete()
    sent = [a_file(picture(size=(1000, 1250))), a_file(picture("PNG", (900, 900)), "detail.png")]

    answer = ines.post(page_of(product), {"act": "upload", "pictures": sent})
    first, _second = UploadedPicture.objects.order_by("id")
    assert (answer.status_code, ines.get("/p/tee/").content.count(b"/pictures/")) == (303, 0)
    answer = ines.post(
        page_of(product),
        {"act": "hang", "picture": first.pk, f"{first.pk}-alt": " Sage tee ", f"{first.pk}-role": "front"},
    )

    image = ProductImage.objects.get(product=product)
    assert (answer.status_code, image.alt, image.width_px, image.height_px) == (303, "Sage tee", 1000, 1250)
    assert f'<img src="/pictures/{file_of(first.name)}" width="1000" height="1250" alt="Sage tee"' in (
        ines.get("/p/tee/").content.decode()
    )
    assert list(
        Event.objects.filter(name__startswith="shop.picture.").order_by("id").values_list("name", flat=True)
    ) == [
        "shop.picture.uploaded",
        "shop.picture.hung",
    ]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>', "front.jpg is no picture we can take."),
        (b"PK\x03\x04" + b"0" * 50, "front.jpg is no picture we can take."),
        (b"GIF89a/*" + b"0" * 90, "front.jpg is no picture we can take."),
        (b"\xff\xd8\xff<?php system($_GET[0]); ?>", "front.jpg cannot be opened."),
        (picture("JPEG", (900, 900))[:300], "front.jpg cannot be opened."),
        (_png_head(50_000, 100), "front.jpg has too many pixels."),
        (_png_head(11_000, 11_000), "front.jpg has too many pixels."),
        (b"\xff\xd8\xff" + b"0" * (10 * 1024 * 1024), "front.jpg is larger than 10 MB."),
        (picture("JPEG", (799, 1200)), "front.jpg is too small to look sharp."),
    ],
)
def test_one_hostile_file_refuses_the_whole_upload(ines: Client, content: bytes, sentence: str) -> None:
    product = tee()

    answer = ines.post(
        page_of(product), {"act": "upload", "pictures": [a_file(picture(size=(900, 900)), "good.jpg"), a_file(content)]}
    )

    assert answer.status_code == 422
    assert sentence in words(answer)
    assert "The other pictures were not kept either: choose them again." in words(answer)
    assert (UploadedPicture.objects.count(), files_kept()) == (0, [])


def test_a_storage_that_fails_half_way_keeps_nothing(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    product, upload, honest = tee(), draw_upload(BytesIO(picture(size=(900, 900)))), default_storage.save

    def full(name: str, content: Any) -> str:
        if files_kept():
            raise OSError("no space left")
        return honest(name, content)

    monkeypatch.setattr(default_storage, "save", full)
    with pytest.raises(OSError, match="no space"):
        keep_pictures(product_id=product.pk, uploads=[upload, upload], by=StaffFactory(), at=now)
    monkeypatch.undo()
    assert (files_kept(), UploadedPicture.objects.count()) == ([], 0)

    with pytest.raises(Product.DoesNotExist):
        keep_pictures(product_id=product.pk + 1, uploads=[upload, upload], by=StaffFactory(), at=now)
    assert files_kept() == []


@pytest.mark.parametrize(
    ("sent", "kept"), [((2400, 3000), (1600, 2000)), ((960, 1200), (960, 1200)), ((800, 4000), (800, 4000))]
)
def test_an_upload_is_kept_as_wide_as_the_big_picture_and_never_enlarged(
    sent: tuple[int, int], kept: tuple[int, int], now: datetime
) -> None:
    upload = an_upload(size=sent)
    assert (upload.width_px, upload.height_px) == kept

    draw_pictures(now)

    seen = [Image.open(default_storage.open(f"pieces/{name}")).size[0] for name in files_kept()]
    assert sorted(seen) == sorted([*WIDTHS, *WIDTHS, kept[0]])


@pytest.mark.parametrize(("sent", "sentence"), [([], "Choose the pictures"), (13, "Choose at most 12 pictures.")])
def test_none_and_too_many_are_refused(ines: Client, sent: Any, sentence: str) -> None:
    files = [a_file(b"x") for _ in range(sent)] if isinstance(sent, int) else sent

    answer = ines.post(page_of(tee()), {"act": "upload", "pictures": files})

    assert (answer.status_code, sentence in words(answer), UploadedPicture.objects.count()) == (422, True, 0)


def test_a_picture_without_words_is_not_hung_and_nothing_typed_is_lost(ines: Client) -> None:
    upload = an_upload()
    typed = {f"{upload.pk}-alt": "  ", f"{upload.pk}-role": "detail"}

    answer = ines.post(page_of(upload.product), {"act": "hang", "picture": upload.pk, **typed})

    assert answer.status_code == 422
    assert "Say what it shows. Without words it is not shown." in words(answer)
    assert '<option value="detail" selected>' in answer.content.decode()
    assert not ProductImage.objects.filter(upload=upload).exists()


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"alt": "Hem", "role": "detail"}, "You said what it shows, so it is no decoration."),
        ({"alt": "", "role": "front"}, "Only a detail may be decoration."),
    ],
)
def test_what_tells_something_is_no_decoration(ines: Client, typed: dict[str, str], sentence: str) -> None:
    upload = an_upload()
    sent = {f"{upload.pk}-{name}": value for name, value in {**typed, "decorative": "on"}.items()}

    answer = ines.post(page_of(upload.product), {"act": "hang", "picture": upload.pk, **sent})

    assert (answer.status_code, sentence in words(answer)) == (422, True)
    assert f'name="{upload.pk}-decorative" ' in answer.content.decode()
    assert not ProductImage.objects.filter(upload=upload).exists()


def test_a_detail_that_tells_nothing_new_is_passed_by_in_silence(ines: Client) -> None:
    upload = an_upload()
    sent = {f"{upload.pk}-role": "detail", f"{upload.pk}-decorative": "on"}

    answer = ines.post(page_of(upload.product), {"act": "hang", "picture": upload.pk, **sent})

    image = ProductImage.objects.get(upload=upload)
    assert (answer.status_code, image.alt, image.decorative) == (303, "", True)
    assert f'src="/pictures/{file_of(upload.name)}" width="960" height="1200" alt=""' in (
        ines.get("/p/tee/").content.decode()
    )
    assert "Only decoration" in words(ines.get(page_of(upload.product)))


@pytest.mark.parametrize("taken", [True, False])
def test_the_form_of_a_product_asks_for_words_too(ines: Client, now: datetime, taken: bool) -> None:
    image = hang_picture(upload_id=an_upload().pk, caption=Caption("Tee", role="detail"), by=StaffFactory(), at=now)
    page = f"/admin/shop/product/{image.product_id}/change/"
    seen = ines.get(page).context
    formsets = [each.formset for each in seen["inline_admin_formsets"]]
    forms = [form for formset in formsets for form in (formset.management_form, *formset.forms)]
    prefix = next(form.prefix for form in forms if getattr(form, "instance", None) == image)
    said = {f"{prefix}-alt": ""} | ({f"{prefix}-decorative": "on"} if taken else {})

    answer = ines.post(page, as_posted(seen["adminform"].form, *forms) | said)

    image.refresh_from_db()
    assert (answer.status_code, image.alt, image.decorative) == ((302, "", True) if taken else (200, "Tee", False))
    assert ("Only a detail may be decorative, and then it has no words." in words(answer)) is not taken


def test_what_is_taken_off_keeps_its_words_for_the_day_it_comes_back(ines: Client, now: datetime) -> None:
    upload = an_upload()
    image = hang_picture(upload_id=upload.pk, caption=Caption("Tee on linen"), by=StaffFactory(), at=now)

    ines.post(page_of(upload.product), {"act": "take-down", "picture": image.pk})

    page = ines.get(page_of(upload.product)).content.decode()
    assert re.search(rf'name="{upload.pk}-alt" value="Tee on linen"', page)


def test_buttons_of_another_piece_and_unknown_ones_do_nothing(ines: Client) -> None:
    upload, other = an_upload(), tee(slug="other")

    foreign = ines.post(page_of(other), {"act": "discard", "picture": upload.pk})
    ines.post(page_of(other), {"act": "burn"})
    unknown = ines.get(page_of(other))

    assert (foreign.status_code, UploadedPicture.objects.count()) == (404, 1)
    assert "This button is not known." in words(unknown)


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_the_same_however_many_wait(
    ines: Client, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    product = tee()
    for _ in range(count):
        an_upload(product)
    ines.get(page_of(product))

    with django_assert_num_queries(9):
        ines.get(page_of(product))


# -- Hanging --------------------------------------------------------------------------------------------------------


def test_words_are_asked_for_by_operation_and_database(now: datetime) -> None:
    upload, staff = an_upload(), StaffFactory()

    with pytest.raises(WordsMissing):
        hang_picture(upload_id=upload.pk, caption=Caption(" \t"), by=staff, at=now)
    for decorated in (Caption("Hem", decorative=True, role="detail"), Caption("", decorative=True)):
        with pytest.raises(NotDecorative):
            hang_picture(upload_id=upload.pk, caption=decorated, by=staff, at=now)
    for kept in (
        {"alt": ""},
        {"alt": " \n"},
        {"alt": "", "decorative": True},
        {"alt": "Hem", "decorative": True, "role": "detail"},
    ):
        with pytest.raises(IntegrityError, match="image_has_words"), transaction.atomic():
            ProductImage.objects.create(product=upload.product, path="x", **kept)
    with pytest.raises(WornInNoSize):
        hang_picture(
            upload_id=upload.pk, caption=Caption("Tee", worn_size=upload.product.variants.all()[0].options.first()),
            by=staff, at=now,
        )  # fmt: skip


def test_a_picture_is_hung_once_taken_down_and_hung_again(now: datetime) -> None:
    upload, staff = an_upload(), StaffFactory()
    image = hang_picture(upload_id=upload.pk, caption=Caption("Tee"), by=staff, at=now)
    with pytest.raises(AlreadyHung):
        hang_picture(upload_id=upload.pk, caption=Caption("Twice"), by=staff, at=now)
    with pytest.raises(AlreadyHung):
        discard_picture(upload_id=upload.pk, by=staff, at=now)

    take_down_picture(image_id=image.pk, by=staff, at=now)
    take_down_picture(image_id=image.pk, by=staff, at=now)
    again = hang_picture(upload_id=upload.pk, caption=Caption("Tee again"), by=staff, at=now)

    assert (again.alt, again.path) == ("Tee again", image.path)


def test_another_picture_becomes_the_first(now: datetime) -> None:
    staff, product = StaffFactory(), tee()
    for alt in ("one", "two", "three"):
        hang_picture(upload_id=an_upload(product).pk, caption=Caption(alt), by=staff, at=now)

    move_picture_first(image_id=ProductImage.objects.get(alt="three").pk, by=staff, at=now)

    hung = ProductImage.objects.filter(product=product, upload__isnull=False).order_by("position", "id")
    assert list(hung.values_list("alt", flat=True)) == ["three", "one", "two"]


def test_what_was_shown_keeps_its_file_because_orders_show_it(now: datetime) -> None:
    staff, shown, never = StaffFactory(), an_upload(), an_upload(tee(slug="other"))
    image = hang_picture(upload_id=shown.pk, caption=Caption("Tee"), by=staff, at=now)
    take_down_picture(image_id=image.pk, by=staff, at=now)

    for upload in (shown, never):
        discard_picture(upload_id=upload.pk, by=staff, at=now)

    assert (UploadedPicture.objects.count(), files_kept()) == (0, [f"{shown.name}-one.webp"])


# -- Drawing --------------------------------------------------------------------------------------------------------


def test_renditions_are_drawn_and_the_page_offers_them(client: Client, now: datetime) -> None:
    upload = an_upload()
    image = hang_picture(upload_id=upload.pk, caption=Caption("Tee"), by=StaffFactory(), at=now)

    assert (draw_pictures(now), draw_pictures(now)) == (1, 0)

    image.refresh_from_db()
    assert image.path == f"media/{file_of(upload.name, 800)}"
    for width in WIDTHS:
        for kind in FORMATS:
            answer = client.get(f"/pictures/{file_of(upload.name, width, kind)}")
            assert answer.headers["Content-Type"] == f"image/{kind}"
            assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
            seen = Image.open(BytesIO(answer.content))
            assert (seen.format, seen.size) == (kind.upper(), (width, width * 5 // 4))
    page = client.get("/p/tee/").content.decode()
    assert f'<source type="image/avif" srcset="/pictures/{file_of(upload.name, 400, "avif")} 400w, ' in page


def test_a_worker_that_dies_half_way_leaves_the_picture_due(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    upload, honest = an_upload(), product_pictures._encoded

    def dies(smaller: Image.Image, kind: str) -> bytes:
        if kind == "webp":
            raise MemoryError
        return honest(smaller, kind)

    monkeypatch.setattr(product_pictures, "_encoded", dies)
    with pytest.raises(MemoryError):
        draw_pictures(now)
    monkeypatch.setattr(product_pictures, "_encoded", honest)

    upload.refresh_from_db()
    assert (upload.drawn_at, upload.tries) == (None, 1)
    assert (draw_pictures(now), draw_pictures(now + WAIT)) == (0, 1)
    assert len(files_kept()) == 1 + len(WIDTHS) * len(FORMATS)


def test_two_workers_do_not_draw_the_same_picture(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    an_upload()
    begun, honest = [], product_pictures._encoded

    def meanwhile_another_sweeps(smaller: Image.Image, kind: str) -> bytes:
        begun.append(draw_pictures(now))
        return honest(smaller, kind)

    monkeypatch.setattr(product_pictures, "_encoded", meanwhile_another_sweeps)

    assert (draw_pictures(now), set(begun), UploadedPicture.objects.get().tries) == (1, {0}, 1)


def test_a_picture_somebody_else_took_meanwhile_is_left_alone(now: datetime) -> None:
    upload = an_upload()
    UploadedPicture.objects.update(due_at=now + WAIT, tries=1)

    assert (_draw(upload, now), files_kept()) == (False, [f"{upload.name}-one.webp"])


def test_a_picture_that_cannot_be_drawn_is_given_up_and_holds_up_nobody(ines: Client, now: datetime) -> None:
    lost, good = an_upload(), an_upload(tee(slug="other"))
    default_storage.delete(file_of(lost.name))

    settled = [draw_pictures(now + timedelta(minutes=minutes)) for minutes in range(0, 600, 2)]

    lost.refresh_from_db()
    good.refresh_from_db()
    assert (settled, lost.tries, good.drawn_at) == ([1] + 299 * [0], MOST_TRIES, now)
    assert lost.due_at == now + WAIT * (2**MOST_TRIES - 1)
    assert "Its smaller sizes could not be drawn." in words(ines.get(page_of(lost.product)))


def test_what_was_never_shown_is_thrown_away_after_two_months(now: datetime) -> None:
    old, shown = an_upload(), an_upload(tee(slug="other"))
    hang_picture(upload_id=shown.pk, caption=Caption("Tee"), by=StaffFactory(), at=now)
    UploadedPicture.objects.update(uploaded_at=now - timedelta(days=61))

    assert (forget_pictures(now), forget_pictures(now)) == (1, 0)
    assert list(UploadedPicture.objects.values_list("pk", flat=True)) == [shown.pk]
    assert files_kept() == [f"{shown.name}-one.webp"]
    assert old.pk != shown.pk


@pytest.mark.parametrize("path", ["pieces/../../etc/passwd", "reviews/x.webp", "pieces/nothing-one.webp"])
def test_no_other_file_of_the_storage_is_handed_out(client: Client, path: str) -> None:
    default_storage.save("reviews/x.webp", BytesIO(b"secret"))  # type: ignore[arg-type]

    assert client.get(f"/pictures/{path}").status_code == 404


# -- Colours --------------------------------------------------------------------------------------------------------


def test_what_is_see_through_becomes_white_and_foreign_colours_come_home() -> None:
    clear, wide = BytesIO(), BytesIO()
    Image.new("RGBA", (10, 10), (0, 0, 0, 0)).save(clear, "PNG")
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    Image.new("RGB", (10, 10), (200, 30, 30)).save(wide, "PNG", icc_profile=profile)

    assert upright(BytesIO(clear.getvalue())).getpixel((0, 0)) == (255, 255, 255)
    strange = upright(BytesIO(wide.getvalue()))
    assert (strange.mode, strange.getpixel((0, 0))) == ("RGB", (200, 30, 30))
