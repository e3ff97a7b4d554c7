"""Who may use the console: this machine's own browser, on the console's own pages.

A web page from elsewhere must not reach it: neither under a name that leads to this machine (the
``Host`` header tells), nor with a form or a script of its own (``Origin`` and ``Sec-Fetch-Site``).
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

from chalice.gateway.request import Scope

HEADERS = (
    (
        b"content-security-policy",
        b"default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        b"object-src 'none'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
)
"""Of every answer."""

_OWN = (b"same-origin", b"none")


@dataclass(frozen=True)
class Refusal:
    """Why a request is not answered."""

    status: int
    sentence: str


def refusal(scope: Scope) -> Refusal | None:
    """Return why this request is refused, None for one that is not."""
    client = scope.get("client")
    if client is None or not is_loopback(client[0]):
        return Refusal(403, "The console is for this machine alone.")
    hosts = _values(scope, b"host")
    if len(hosts) != 1 or not _is_own_host(hosts[0], scope):
        return Refusal(421, "The console is at localhost, under no other name.")
    origins = _values(scope, b"origin")
    own = [b"http://" + hosts[0].lower()]
    if origins and [each.lower() for each in origins] != own:
        return Refusal(403, "Another site's pages may not use the console.")
    sites = _values(scope, b"sec-fetch-site")
    if scope["method"] in ("GET", "HEAD"):
        is_opened = _values(scope, b"sec-fetch-mode") == [b"navigate"]
        if any(site not in _OWN for site in sites) and not is_opened:
            return Refusal(403, "Another site's pages may not use the console.")
        return None
    if scope["method"] != "POST":
        return Refusal(405, "The console takes GET and POST.")
    if not origins and sites != [b"same-origin"]:
        return Refusal(403, "Only the console's own pages may do that: there is no Origin.")
    if any(site != b"same-origin" for site in sites):
        return Refusal(403, "Another site's pages may not use the console.")
    kinds = _values(scope, b"content-type")
    if [kind.partition(b";")[0].strip().lower() for kind in kinds] != [b"application/json"]:
        return Refusal(415, "The console takes application/json.")
    return None


def is_loopback(address: str) -> bool:
    """Whether an IP address is this machine's own."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return (mapped or found).is_loopback


def _is_own_host(host: bytes, scope: Scope) -> bool:
    """Whether a ``Host`` header is that of this machine, with the port that was asked."""
    text = host.decode("latin-1").lower()
    name, colon, port = text.rpartition(":")
    if text.endswith("]") or not colon:
        name, port = text, "80"
    server = scope.get("server")
    if server is None or port != str(server[1]):
        return False
    if name == "localhost":
        return True
    bracketed = name.startswith("[") and name.endswith("]")
    return is_loopback(name[1:-1] if bracketed else name) and bracketed == (":" in name)


def _values(scope: Scope, name: bytes) -> list[bytes]:
    return [value for each, value in scope["headers"] if each == name]
