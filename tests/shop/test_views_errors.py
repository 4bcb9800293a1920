"""The apology pages stand without a database: these tests have none."""

from __future__ import annotations

import pytest
from django.db import OperationalError
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.test import RequestFactory, override_settings

from shop.views import errors


def answer_to(problem: Exception) -> HttpResponse:
    """What a visitor gets when `problem` broke the page."""
    try:
        raise problem
    except Exception:
        return errors.server_error(RequestFactory().get("/"))


@pytest.mark.parametrize("template", ["400.html", "403.html", "403_csrf.html", "500.html", "503.html"])
def test_page_stands_without_database_and_context(template: str) -> None:
    page = render_to_string(template)

    assert "<h1>" in page
    assert "tel:" in page or "call" in page


def test_database_away_is_a_503_with_a_time_to_come_back() -> None:
    response = answer_to(OperationalError("gone"))

    assert response.status_code == 503
    assert response.headers["Retry-After"] == "120"
    assert "The shop is resting for a moment" in response.content.decode()


def test_any_other_problem_is_a_500() -> None:
    response = answer_to(ValueError("oops"))

    assert response.status_code == 500
    assert "That went wrong on our side" in response.content.decode()
    assert "oops" not in response.content.decode()


@override_settings(TEMPLATES=[])
def test_apology_survives_broken_templates() -> None:
    response = answer_to(ValueError("oops"))

    assert response.status_code == 500
    assert "Try again in a minute." in response.content.decode()
