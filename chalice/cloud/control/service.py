"""How a correction takes the place of a part of moto: by subclass, through moto's own registry.

moto makes its backends through a registry (``BackendDict``) and asks each backend for its URL
paths. A corrected service registers a subclass of the backend, whose paths lead to a subclass of
the response class. Everything else of that service stays as moto has it.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from types import MethodType
from typing import Any, TypeAlias

from moto.core.base_backend import BackendDict
from moto.core.responses import BaseResponse

Handler: TypeAlias = Callable[..., Any]


class CorrectedBackend:
    """Mixed into a subclass of a moto backend.

    ``service_package`` is moto's package (``moto.awslambda``), ``response`` our response class,
    ``more_paths`` URL patterns that moto does not know, in moto's notation, ``unsaved`` the
    attributes that a snapshot leaves out.
    """

    service_package: str
    response: type[BaseResponse]
    more_paths: tuple[str, ...] = ()
    unsaved: frozenset[str] = frozenset()

    @property
    def _url_module(self) -> Any:
        return importlib.import_module(f"{self.service_package}.urls")

    @property
    def url_paths(self) -> dict[str, Handler]:
        """moto's paths, those of the service's own response class led to ours."""
        paths = {}
        for pattern, handler in self._url_module.url_paths.items():
            owner = getattr(handler, "__self__", None)
            ours = isinstance(owner, type) and issubclass(self.response, owner)
            paths[pattern.format("")] = (
                MethodType(handler.__func__, self.response) if ours else handler
            )
        paths.update((pattern.format(""), self.response.dispatch) for pattern in self.more_paths)
        return paths


def register(registry: BackendDict[Any], backend: Callable[..., Any]) -> None:
    """Let ``registry`` make its backends with ``backend(region, account_id=…)``.

    Raises ``RuntimeError`` when moto has made one already, which would stay as it is.
    """
    if registry:
        raise RuntimeError(f"moto's {registry.service_name} was used before it was corrected")
    registry.backend = backend  # type: ignore[assignment]
