"""Help: what people come for first, then the ways to reach us with hours and an honest wait."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from support.queries.answer_times import desk, find_policy


@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    """Show top tasks, channels in their fixed order and when somebody answers."""
    policy = find_policy("question")
    return render(request, "support/help.html", {"desk": desk(policy=policy, at=timezone.now()) if policy else None})
