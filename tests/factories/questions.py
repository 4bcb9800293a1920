"""Questions about pieces."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from shop.models import Product, ProductQuestion
from shop.operations.questions import Asked, ask_question, publish_answer
from tests.factories.shop import StaffFactory, VariantFactory


def asked_about(product: Product, *, at: datetime, **fields: Any) -> ProductQuestion:
    """Ana asks from the product's page, without an account."""
    told = {"email": "ana@example.com", "name": "Ana Costa", "text": "Is it warm?", "locale": "en"} | fields
    return ask_question(
        token=told.pop("token", uuid.uuid4()),
        product_id=product.pk,
        asked=Asked(**told),
        customer=None,
        visitor=told["email"],
        at=at,
    )


def a_published_question(*, at: datetime, product: Product | None = None, **fields: Any) -> ProductQuestion:
    """A question that stands on the page of a piece."""
    words = {name: fields.pop(name, default) for name, default in (("question", "Is it warm?"), ("answer", "It is."))}
    row = asked_about(product or VariantFactory().product, at=at, **fields)
    return publish_answer(question_id=row.pk, by=StaffFactory(), at=at, **words)
