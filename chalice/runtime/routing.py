"""Routes as data, and the settings of the API that they belong to."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from chalice.runtime.auth import Authorizer
    from chalice.runtime.cors import CORSConfig
    from chalice.runtime.decorators import ErrorHandlers


class RouteEntry:
    """One method of one path, and the view that answers it.

    `view_args` are the names of the path's parameters in order. That of a greedy `{name+}` is among
    them only if the view has an argument of that name; without one it is in `uri_params` alone.
    `error_handlers` are those that count before the app's, the innermost blueprint's first.
    """

    def __init__(
        self,
        view_function: Callable[..., Any],
        view_name: str,
        path: str,
        method: str,
        api_key_required: bool | None = None,
        content_types: list[str] | None = None,
        cors: bool | CORSConfig | None = False,
        authorizer: Authorizer | None = None,
        error_handlers: tuple[ErrorHandlers, ...] = (),
    ) -> None:
        self.view_function = view_function
        self.view_name = view_name
        self.uri_pattern = path
        self.method = method
        self.api_key_required = api_key_required
        self.view_args = _view_args(path, view_function) if "{" in path else []
        self.content_types = content_types or []
        self.cors = cors_config(cors)
        self.authorizer = authorizer
        self.error_handlers = error_handlers

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, RouteEntry):
            return NotImplemented
        return self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash((self.uri_pattern, self.method))


def cors_config(cors: bool | CORSConfig | None) -> CORSConfig | None:
    """What a route's `cors` means; None is off; raises TypeError for anything but its types."""
    if cors is None or cors is False:
        return None
    from chalice.runtime.cors import CORSConfig  # noqa: PLC0415

    if cors is True:
        return CORSConfig()
    if not isinstance(cors, CORSConfig):
        raise TypeError(f"cors must be True, False or a CORSConfig, not {cors!r}")
    return cors


def _view_args(path: str, view: Callable[..., Any]) -> list[str]:
    return [
        name
        for name, is_greedy in path_parameters(path)
        if not is_greedy or name in _argument_names(view)
    ]


def path_parameters(path: str) -> Iterator[tuple[str, bool]]:
    """The names in braces made of word characters, in order, and whether each is greedy."""
    for piece in path.split("{")[1:]:
        name, brace, _ = piece.partition("}")
        is_greedy = name.endswith("+")
        name = name[:-1] if is_greedy else name
        if brace and name.replace("_", "a").isalnum():
            yield name, is_greedy


def _argument_names(view: Callable[..., Any]) -> tuple[str, ...]:
    while hasattr(view, "__wrapped__"):
        view = view.__wrapped__
    code = getattr(view, "__code__", None)
    if code is None:
        return ()
    names: tuple[str, ...] = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    return names


class APIGateway:
    """Settings of the whole API: `cors` for routes that say nothing, and the binary media types."""

    def __init__(self) -> None:
        self.binary_types = self.default_binary_types
        self.cors: bool | CORSConfig = False

    @property
    def default_binary_types(self) -> list[str]:
        """The media types that are sent as bytes unless `binary_types` says otherwise."""
        return [
            "application/octet-stream",
            "application/x-tar",
            "application/zip",
            "audio/basic",
            "audio/ogg",
            "audio/mp4",
            "audio/mpeg",
            "audio/wav",
            "audio/webm",
            "image/png",
            "image/jpg",
            "image/jpeg",
            "image/gif",
            "video/ogg",
            "video/mpeg",
            "video/webm",
        ]

    @property
    def cors_config(self) -> bool | CORSConfig:
        """Another name of `cors`."""
        return self.cors

    @cors_config.setter
    def cors_config(self, cors: bool | CORSConfig) -> None:
        self.cors = cors
