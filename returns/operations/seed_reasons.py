"""The reasons shoppers may give, as the shop starts with them; staff edit and retire them in the admin.

Source: commerce reference A2.
"""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_noop as _

from returns.models import ReturnReason

_SIZE, _LOOK, _QUALITY = ReturnReason.Group.SIZE, ReturnReason.Group.LOOK, ReturnReason.Group.QUALITY
_LATE, _MIND = ReturnReason.Group.LATE, ReturnReason.Group.MIND
_ANY, _WORN, _HOME = ReturnReason.Goods.ANY, ReturnReason.Goods.WORN, ReturnReason.Goods.HOME
_WE, _SHE = ReturnReason.Postage.SHOP, ReturnReason.Postage.SHOPPER

# code, words, group, offered for, who pays the way back
REASONS: tuple[tuple[str, str, str, str, str], ...] = (
    ("too-small", _("Too small"), _SIZE, _WORN, _SHE),
    ("too-large", _("Too large"), _SIZE, _WORN, _SHE),
    ("too-long", _("Too long"), _SIZE, _WORN, _SHE),
    ("too-short", _("Too short"), _SIZE, _WORN, _SHE),
    ("fit-odd", _("It fits oddly somewhere (tell us where below)"), _SIZE, _WORN, _SHE),
    ("two-sizes", _("I ordered two sizes to choose"), _SIZE, _WORN, _SHE),
    ("does-not-fit-room", _("It does not fit where it should go"), _SIZE, _HOME, _SHE),
    ("colour-differs", _("The colour is different from the pictures"), _LOOK, _ANY, _WE),
    ("material-differs", _("The material is not what I expected"), _LOOK, _ANY, _SHE),
    ("looks-different-on-me", _("It looks different on me"), _LOOK, _WORN, _SHE),
    ("weight-differs", _("Heavier or lighter than I expected"), _LOOK, _HOME, _SHE),
    ("damaged", _("It arrived damaged"), _QUALITY, _ANY, _WE),
    ("fault", _("It has a fault"), _QUALITY, _ANY, _WE),
    ("wrong-piece", _("It is not what I ordered"), _QUALITY, _ANY, _WE),
    ("too-late", _("It arrived too late"), _LATE, _ANY, _WE),
    ("gift", _("It was a gift and not wanted"), _MIND, _ANY, _SHE),
    ("changed-mind", _("I changed my mind"), _MIND, _ANY, _SHE),
    ("no-reason", _("I would rather not say"), _MIND, _ANY, _SHE),
)


def seed_reasons(at: datetime) -> str:
    """Lay in the reasons that are missing; what staff changed since stays as it is."""
    rows = [
        ReturnReason(code=code, label=label, group=group, goods=goods, postage=postage, position=position)
        for position, (code, label, group, goods, postage) in enumerate(REASONS)
    ]
    ReturnReason.objects.bulk_create(rows, ignore_conflicts=True)
    return f"{ReturnReason.objects.count()} reasons for a return"
