"""Returns in the admin: the queue, the case with its buttons, the reasons."""

from returns.admin import cases, reasons

__all__ = ["cases", "reasons"]
