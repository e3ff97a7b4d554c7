"""Cross-origin resource sharing: which headers let a browser use the answer."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_ALWAYS_ALLOWED = (
    "Authorization",
    "Content-Type",
    "X-Amz-Date",
    "X-Amz-Security-Token",
    "X-Api-Key",
)


class CORSConfig:
    """What other origins may do with a route.

    `allow_headers` are added to those that API Gateway's own clients send, `expose_headers` keep
    their order, `max_age` is in seconds. A string is read as a comma separated list.
    """

    def __init__(
        self,
        allow_origin: str = "*",
        allow_headers: Iterable[str] | None = None,
        expose_headers: Sequence[str] | None = None,
        max_age: int | None = None,
        allow_credentials: bool | None = None,
    ) -> None:
        allowed = ",".join(sorted({*_ALWAYS_ALLOWED, *_listed(allow_headers)}))
        self._headers = {
            "Access-Control-Allow-Origin": allow_origin,
            "Access-Control-Allow-Headers": allowed,
        }
        if expose_headers:
            self._headers["Access-Control-Expose-Headers"] = ",".join(_listed(expose_headers))
        if max_age is not None:
            self._headers["Access-Control-Max-Age"] = str(max_age)
        if allow_credentials is True:
            self._headers["Access-Control-Allow-Credentials"] = "true"

    @property
    def allow_origin(self) -> str:
        """The origin that may read answers; `*` for all."""
        return self._headers["Access-Control-Allow-Origin"]

    @allow_origin.setter
    def allow_origin(self, origin: str) -> None:
        self._headers["Access-Control-Allow-Origin"] = origin

    @property
    def allow_headers(self) -> str:
        """The names of the request headers allowed: comma separated, in ASCII order."""
        return self._headers["Access-Control-Allow-Headers"]

    def get_access_control_headers(self) -> dict[str, str]:
        """The response headers, in a dict of your own."""
        return self._headers.copy()

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self.get_access_control_headers() == other.get_access_control_headers()

    def __hash__(self) -> int:
        return hash(frozenset(self.get_access_control_headers().items()))


def _listed(names: Iterable[str] | None) -> Iterable[str]:
    if isinstance(names, str):
        return [name.strip() for name in names.split(",") if name.strip()]
    return names or ()
