"""The desk inside the admin."""

from support.admin import conversations, policies

__all__ = ["conversations", "policies"]
