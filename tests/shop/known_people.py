"""A login that asks the database once for each person, for tests that make thousands of requests as a few people."""

from __future__ import annotations

import copy
from typing import Any, ClassVar

from django.contrib.auth.backends import ModelBackend

from shop.models import User


class KnownPeople(ModelBackend):
    """Django's own backend, with its answers kept: rows of people and their permissions, until `forget`."""

    _people: ClassVar[dict[int, User]] = {}

    @classmethod
    def forget(cls) -> None:
        cls._people.clear()

    def get_user(self, user_id: Any) -> User | None:
        """Return a copy, so that what a view does to a person is forgotten with its request."""
        if user_id not in self._people:
            person = super().get_user(user_id)
            if person is None:
                return None
            self.get_all_permissions(person)  # kept on the person by Django
            self._people[user_id] = person
        return copy.copy(self._people[user_id])
