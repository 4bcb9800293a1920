"""Questions about a piece as everybody may read them."""

from __future__ import annotations

from django.db.models import QuerySet

from shop.models import ProductQuestion


def published(product_id: int) -> QuerySet[ProductQuestion]:
    """Return the questions of a product that stand on its page, the newest first."""
    return ProductQuestion.objects.filter(product=product_id, published_at__isnull=False).order_by(
        "-published_at", "-id"
    )


def shown(question: ProductQuestion) -> dict[str, str]:
    """Return a question as a page shows it, ready for JSON: the edited words and nothing of who asked."""
    return {"question": question.shown_question, "answer": question.shown_answer}
