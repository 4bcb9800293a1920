"""Health: is the process there, and can it keep promises?"""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from shop.gateways import broker
from shop.queries import health


@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """Answer that the process runs.  Touches nothing else."""
    return JsonResponse({"status": "ok"})


@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Tell how the database, the broker and the queues are.

    503 only without a database: a missing broker or a late worker makes the answer `degraded`, because orders can
    still be placed and their mail goes out later.
    """
    state = health.readiness(at=timezone.now())
    state["broker"] = "ok" if broker.answers() else "away"
    if state["database"] != "ok":
        state["status"] = "down"
    elif state["broker"] != "ok" or state["late"]:
        state["status"] = "degraded"
    else:
        state["status"] = "ok"
    return JsonResponse(state, status=503 if state["status"] == "down" else 200)
