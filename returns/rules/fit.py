"""What a reason for a return says about the fit.

Source: delivery reference 3.3 (a return that was too small is a fit report), commerce reference A2.
"""

from __future__ import annotations

# Code of the reason -> verdict on the size, and where.  Reasons that speak of no direction stand for nothing.
VERDICTS: dict[str, tuple[str, str]] = {
    "too-small": ("small", ""),
    "too-large": ("large", ""),
    "too-short": ("small", "length"),
    "too-long": ("large", "length"),
}
