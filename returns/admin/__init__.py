"""Returns in the admin: the queue, the case with its buttons, withdrawals, the reasons."""

from returns.admin import cases, reasons, withdrawals

__all__ = ["cases", "reasons", "withdrawals"]
