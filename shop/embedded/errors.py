"""The one failure the launcher tells: a sentence for the person at the keyboard."""

from __future__ import annotations


class EmbeddedError(Exception):
    """One clear sentence about why a server could not be started, and what to do."""
