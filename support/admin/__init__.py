"""The desk inside the admin."""

from support.admin import conversations, policies, regret

__all__ = ["conversations", "policies", "regret"]
