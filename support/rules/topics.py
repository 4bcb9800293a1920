"""What people write to us about: each topic of the contact page begins one kind of conversation."""

from __future__ import annotations

KIND_OF_TOPIC = {
    "where": "delay",
    "change": "question",
    "return": "return",
    "fit": "question",
    "wrong": "problem",
    "other": "question",
}
