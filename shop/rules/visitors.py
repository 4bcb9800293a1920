"""Who knocks: the address a budget is kept for.  Source: reliability reference S14."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address


def visitor_of(*, remote_address: str, forwarded_for: str, trusted_proxy: bool) -> str:
    """Return the network a visitor comes from: an IPv4 address, or the /64 an IPv6 address lies in.

    `forwarded_for` (the header X-Forwarded-For) counts only behind a proxy of ours, and of it only the last entry, the
    one that proxy wrote itself: whatever stands before it was said by the visitor.
    """
    said = forwarded_for.rpartition(",")[2].strip() if trusted_proxy else ""
    return _network(said) or _network(remote_address) or "unknown"


def _network(text: str) -> str:
    try:
        address = ip_address(text.strip().strip("[]"))
    except ValueError:
        return ""
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(IPv6Address(int(address) >> 64 << 64)) + "/64"
