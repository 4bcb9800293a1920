"""What every answer carries.  Source: reliability reference S7, S25."""

from __future__ import annotations

from django.http import HttpResponse

# Whoever adds a directive that loosens one of these must say so here.
POLICY = {
    "default-src 'self'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
}
CLOSED = {"default-src 'none'", "sandbox"}  # what strangers sent: downloads, letters in a frame of ours

# Only these may be kept by anybody but the browser that asked: anonymous catalogue pages, the same for everyone.
SHARED = {"shop:home", "shop:search", "shop:category", "shop:product"}
# The same bytes for everybody, found by a name nobody can guess.
FILES = {"shop:picture"}


def faults_of(answer: HttpResponse) -> list[str]:
    """Name every header that is missing or weaker than it must be."""
    headers = answer.headers
    policy = {part.strip() for part in headers.get("Content-Security-Policy", "").split(";") if part.strip()}
    closed = policy >= CLOSED
    checks = {
        f"Content-Security-Policy {policy}": policy == POLICY or closed,
        "X-Content-Type-Options": headers.get("X-Content-Type-Options") == "nosniff",
        "X-Frame-Options": headers.get("X-Frame-Options") in ({"DENY", "SAMEORIGIN"} if closed else {"DENY"}),
        "Referrer-Policy": headers.get("Referrer-Policy") in {"strict-origin", "same-origin", "no-referrer"},
        "Permissions-Policy": "camera=()" in headers.get("Permissions-Policy", ""),
        "Cross-Origin-Opener-Policy": headers.get("Cross-Origin-Opener-Policy") == "same-origin",
        "Cache-Control": bool(headers.get("Cache-Control")),
    }
    return [name for name, kept in checks.items() if not kept]


def shared_faults(name: str, role: str, answer: HttpResponse) -> list[str]:
    """What others may keep sets no cookie; only anonymous catalogue pages and files are such answers."""
    if "public" not in answer.headers.get("Cache-Control", ""):
        return []
    if name not in FILES and (name not in SHARED or role != "anonymous"):
        return ["others may keep it"]
    return ["others may keep it although it sets a cookie"] if answer.cookies else []
