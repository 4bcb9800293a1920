"""What stops a command before Django is there: a sentence, never a traceback."""

from __future__ import annotations


class BootstrapError(Exception):
    """One clear sentence about what is missing, and what to do."""
