"""Every question of one product that was published, and the form to ask another one."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from shop.forms.questions import QuestionForm
from shop.models import Product
from shop.operations.limits import TooOften
from shop.operations.questions import Asked, ask_question
from shop.queries.questions import published, shown
from shop.visitors import shopper, visitor

PAGE_SIZE = 20


@require_http_methods(["GET", "HEAD", "POST"])
def questions(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the questions with their answers, and take a new one; what was typed is never lost."""
    product = get_object_or_404(Product.objects.on_sale().select_related("category"), slug=slug)
    form = QuestionForm(request.POST or None, initial=_initial(request), auto_id="ask_%s")
    if request.method == "POST":
        form = QuestionForm(request.POST, auto_id="ask_%s")
        if form.is_valid() and _taken(request, product, form):
            return redirect(f"{product.get_absolute_url()}#questions")
    status = 200 if not form.is_bound else 429 if form.non_field_errors() else 422
    page = Paginator(published(product.pk), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "product": product,
        "trail": [
            (gettext(product.category.name), reverse("shop:category", args=[product.category.slug])),
            (product.name, product.get_absolute_url()),
        ],
        "page": page,
        "answers": [shown(row) for row in page.object_list],
        "form": form,
        "canonical": f"{settings.SITE_URL}{request.path}",
    }
    response = render(request, "shop/questions.html", context, status=status)
    response.headers["Cache-Control"] = "private, no-cache"
    patch_vary_headers(response, ["Cookie"])
    return response


def _taken(request: HttpRequest, product: Product, form: QuestionForm) -> bool:
    """Keep the question and say what comes next; False when the form has to say why not."""
    data = form.cleaned_data
    try:
        ask_question(
            token=data["token"],
            product_id=product.pk,
            asked=Asked(data["email"], data["text"], data["name"], get_language() or ""),
            customer=shopper(request),
            visitor=visitor(request),
            at=timezone.now(),
        )
    except TooOften as limit:
        again = timezone.localtime(limit.retry_at).strftime("%H:%M")
        form.add_error(
            None,
            _("You asked us several times within the hour, and we have all of it. From %(time)s you can ask more.")
            % {"time": again},
        )
        return False
    messages.success(
        request, _("Thank you. Somebody who knows the piece answers you by mail; a first mail says by when.")
    )
    return True


def _initial(request: HttpRequest) -> dict[str, object]:
    person = shopper(request)
    known = {"email": person.email, "name": person.name} if person else {}
    return {"token": uuid.uuid4(), **known}
