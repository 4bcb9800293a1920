"""Keep what somebody says about her own size, or forget it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from shop.models import SizeProfile


def keep_own_size(*, user_id: int, measures: Mapping[str, int], usual: Mapping[str, str], at: datetime) -> None:
    """Keep measures (mm by code) and usual sizes (label by code of the guide) in place of what was kept before.

    Nothing said is nothing kept.  One statement, so that two tabs leave what was pressed last, whole.
    """
    if not measures and not usual:
        forget_own_size(user_id=user_id)
        return
    SizeProfile.objects.bulk_create(
        [SizeProfile(user_id=user_id, measures=dict(measures), usual=dict(usual), changed_at=at)],
        update_conflicts=True,
        unique_fields=["user"],
        update_fields=["measures", "usual", "changed_at"],
    )


def forget_own_size(*, user_id: int) -> None:
    """Forget what she said about her size.  Twice is once."""
    SizeProfile.objects.filter(user=user_id).delete()
