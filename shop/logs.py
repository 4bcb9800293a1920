"""Log lines as they are written: one form, and nothing in them that opens an order or names a person."""

from __future__ import annotations

import logging

from shop.rules.secrecy import blotted


class DiscreetFormatter(logging.Formatter):
    """Formats a record, then blots secrets: in the message, in its arguments and in the traceback below it.

    A formatter and not a filter, because a traceback becomes text only here.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the line without secret links and addresses."""
        return blotted(super().format(record))
