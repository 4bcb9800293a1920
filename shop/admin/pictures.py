"""The pictures of a piece in the admin: upload several, say what each shows, hang them, put one first, take one off."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from shop.admin.base import see_other
from shop.forms.pictures import CaptionForm, UploadForm
from shop.models import Product, ProductImage, UploadedPicture, User
from shop.operations import pictures
from shop.queries.pictures import models, options_of_piece, wall

if TYPE_CHECKING:
    from shop.admin.catalogue import ProductAdmin


@dataclass
class _Page:
    """One visit: the piece, who looks after it, and the forms that came back with what was typed."""

    admin: ProductAdmin
    request: HttpRequest
    product: Product
    by: User
    upload: UploadForm | None = None
    caption: tuple[int, CaptionForm] | None = None


def pictures_page(admin: ProductAdmin, request: HttpRequest, object_id: str) -> HttpResponse:
    """Show the wall of a piece, or do what a button says.  Raises PermissionDenied, Http404."""
    if not request.user.has_perm("shop.add_productimage"):
        raise PermissionDenied
    product = admin.get_object(request, unquote(object_id))
    if product is None:
        raise Http404("No such product")
    assert isinstance(request.user, User)  # noqa: S101 -- admin_view let nobody else through
    page = _Page(admin, request, product, request.user)
    if request.method != "POST":
        return _shown(page)
    act = _ACTS.get(request.POST.get("act", ""))
    if act is None:
        messages.error(request, _("This button is not known. Press it again from the page."))
        return _back(page)
    return act(page)


def _upload(page: _Page) -> HttpResponse:
    page.upload = UploadForm(page.request.POST, page.request.FILES)
    if not page.upload.is_valid():
        return _shown(page)
    uploads = page.upload.cleaned_data["pictures"]
    kept = pictures.keep_pictures(product_id=page.product.pk, uploads=uploads, by=page.by, at=timezone.now())
    words = ngettext(
        "%(count)d picture is here. Say what it shows, then shoppers see it.",
        "%(count)d pictures are here. Say what each shows, then shoppers see them.",
        len(kept),
    )
    messages.success(page.request, words % {"count": len(kept)})
    return _back(page)


def _hang(page: _Page) -> HttpResponse:
    upload_id = _waiting(page)
    form = CaptionForm(page.request.POST, prefix=str(upload_id), **_choices(page))
    if not form.is_valid():
        page.caption = (upload_id, form)
        return _shown(page)
    try:
        pictures.hang_picture(upload_id=upload_id, caption=form.caption, by=page.by, at=timezone.now())
    except pictures.AlreadyHung:
        messages.warning(page.request, _("Somebody showed it before you; nothing changed."))
    else:
        messages.success(page.request, _("Shoppers see it now, after the others."))
    return _back(page)


def _discard(page: _Page) -> HttpResponse:
    try:
        pictures.discard_picture(upload_id=_waiting(page), by=page.by, at=timezone.now())
    except pictures.AlreadyHung:
        messages.warning(page.request, _("Somebody showed it before you; nothing changed."))
    else:
        messages.success(page.request, _("The picture is thrown away."))
    return _back(page)


def _take_down(page: _Page) -> HttpResponse:
    uploaded = UploadedPicture.objects.filter(hung_as=_hanging(page)).exists()
    pictures.take_down_picture(image_id=_hanging(page), by=page.by, at=timezone.now())
    off = _("Shoppers no longer see it. It waits below, should you want it back.")
    messages.success(page.request, off if uploaded else _("Shoppers no longer see it."))
    return _back(page)


def _first(page: _Page) -> HttpResponse:
    pictures.move_picture_first(image_id=_hanging(page), by=page.by, at=timezone.now())
    messages.success(page.request, _("Lists show this picture now."))
    return _back(page)


_ACTS: dict[str, Callable[[_Page], HttpResponse]] = {
    "upload": _upload,
    "hang": _hang,
    "discard": _discard,
    "take-down": _take_down,
    "first": _first,
}


def _waiting(page: _Page) -> int:
    return _of_piece(page, UploadedPicture.objects.filter(product=page.product))


def _hanging(page: _Page) -> int:
    return _of_piece(page, ProductImage.objects.filter(product=page.product))


def _of_piece(page: _Page, rows: Any) -> int:
    """Return the picture a button was pressed at, if it belongs to this piece.  Raises Http404."""
    wanted = page.request.POST.get("picture", "")
    found = rows.filter(pk=int(wanted)).order_by("pk").first() if wanted.isdecimal() and len(wanted) < 10 else None
    if found is None:
        raise Http404("No such picture at this product")
    return int(found.pk)


def _choices(page: _Page) -> dict[str, Any]:
    return {"options": options_of_piece(page.product.pk), "models": models()}


def _caption_form(picture: UploadedPicture, choices: dict[str, Any]) -> CaptionForm:
    return CaptionForm(prefix=str(picture.pk), initial={"alt": picture.words}, **choices)


def _shown(page: _Page) -> HttpResponse:
    seen, choices = wall(page.product.pk), _choices(page)
    wrong = dict([page.caption] if page.caption else [])
    context = {
        **page.admin.admin_site.each_context(page.request),
        "title": _("Pictures of %(product)s") % {"product": page.product.name},
        "opts": Product._meta,
        "product": page.product,
        "upload": page.upload or UploadForm(),
        "hanging": seen.hanging,
        "waiting": [(each, wrong.get(each.pk) or _caption_form(each, choices)) for each in seen.waiting],
        "given_up_after": pictures.MOST_TRIES,
    }
    status = 422 if page.upload or page.caption else 200
    return TemplateResponse(page.request, "admin/shop/product/pictures.html", context, status=status)


def _back(page: _Page) -> HttpResponse:
    return see_other(reverse(f"{page.admin.admin_site.name}:shop_product_pictures", args=[page.product.pk]))
