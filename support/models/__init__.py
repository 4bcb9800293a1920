"""The tables of support: conversations, and what we owe for faults of ours."""

from __future__ import annotations

from support.models.conversation import Conversation, Message, NoReplyNeeded, SlaPolicy
from support.models.regret import Fault, Gesture, GestureBudget, GesturePolicy

__all__ = [
    "Conversation",
    "Fault",
    "Gesture",
    "GestureBudget",
    "GesturePolicy",
    "Message",
    "NoReplyNeeded",
    "SlaPolicy",
]
