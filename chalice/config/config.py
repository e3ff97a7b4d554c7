"""The effective configuration of one stage and one function."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar, cast

import chalice
from chalice.app import Chalice
from chalice.config.entry import Entry
from chalice.config.kinds import Path
from chalice.config.positions import Positions
from chalice.config.python_version import lambda_runtime
from chalice.config.schema import NAMES, Key, Keys
from chalice.constants import DEFAULT_HANDLER_NAME, DEFAULT_STAGE_NAME
from chalice.errors import ToolError

T = TypeVar("T")


class Layer(NamedTuple):
    """Values that are looked up together. ``path`` is their section, None if not of the file."""

    values: Mapping[str, object]
    path: Path | None = None


class Config(Keys):
    """A configuration seen from ``chalice_stage`` and ``function_name``.

    Its attributes are the keys of ``chalice.config.schema.Keys``. Each is looked up in
    ``user_provided_params`` (the command line), ``config_from_disk`` (the file) and
    ``default_params``, in the order that the documentation gives; None counts as absent.
    ``user_provided_params`` also holds ``project_dir`` and ``chalice_app``, which is the app
    or a function that loads it. ``layers`` is short for the parameter of that name.
    """

    def __init__(
        self,
        chalice_stage: str = DEFAULT_STAGE_NAME,
        function_name: str = DEFAULT_HANDLER_NAME,
        user_provided_params: Mapping[str, object] | None = None,
        config_from_disk: Mapping[str, object] | None = None,
        default_params: Mapping[str, object] | None = None,
        layers: Sequence[str] | None = None,
        *,
        positions: Positions | None = None,
        warnings: Sequence[ToolError] = (),
    ) -> None:
        self.chalice_stage = chalice_stage
        self.function_name = function_name
        self.config_from_disk = config_from_disk or {}
        self.positions = positions or Positions()
        self.warnings = tuple(warnings)
        self._given = dict(user_provided_params or {})
        if layers is not None:
            self._given["layers"] = layers
        self._defaults = default_params or {}

    @classmethod
    def create(
        cls,
        chalice_stage: str = DEFAULT_STAGE_NAME,
        function_name: str = DEFAULT_HANDLER_NAME,
        **user_params: object,
    ) -> Config:
        """Return a configuration that comes from the parameters alone."""
        return cls(chalice_stage, function_name, user_provided_params=user_params)

    def scope(self, chalice_stage: str, function_name: str) -> Config:
        """Return the same configuration seen from another stage and function."""
        return Config(
            chalice_stage,
            function_name,
            self._given,
            self.config_from_disk,
            self._defaults,
            positions=self.positions,
            warnings=self.warnings,
        )

    @property
    def chalice_app(self) -> Chalice:
        """The app, which is loaded when it is first asked for. Raises ``ToolError``."""
        app = self._plain("chalice_app")
        if isinstance(app, Chalice):
            return app
        if not callable(app):
            raise ToolError("this configuration has no app")
        return cast("Callable[[], Chalice]", app)()

    @property
    def project_dir(self) -> str:
        """The directory of the project; ``.`` if nobody said."""
        return str(self._plain("project_dir") or ".")

    @property
    def lambda_python_version(self) -> str:
        """The Lambda runtime: ``python3.12``."""
        return f"python{self.python_version}" if self.python_version else lambda_runtime()

    @property
    def entry(self) -> Entry:
        """Where the app is. Raises ``ToolError``."""
        written = self.app
        if written is None:
            return Entry()
        entry = Entry.parse(written)
        if entry is None:
            raise ToolError(
                f"`app` is `{written}`, which names no variable of a module",
                where=self.where("app"),
                hint="write `package.module:variable`, for example `shop.main:app`",
            )
        return entry

    @property
    def endpoint_ids(self) -> Sequence[str]:
        """The VPC endpoints of a private API, one or more, or none."""
        given = self.api_gateway_endpoint_vpce
        if isinstance(given, str):
            return (given,)
        return tuple(given or ())

    def effective(self, key: Key[T]) -> T:
        """Return the value of ``key`` that counts here."""
        if key.merged:
            return cast("T", self._merged(key))
        value, _ = self._find(key)
        return key.default if value is None else cast("T", value)

    def is_set(self, name: str) -> bool:
        """Say whether the key has a value of its own, rather than its default."""
        return self._find(NAMES[name])[0] is not None

    def where(self, name: str, entry: str | None = None) -> str:
        """Return the place of the value of key ``name``, or of one entry of a merged key.

        A value that is not in the file has the place of the file.
        """
        key = NAMES[name]
        if entry is None:
            _, path = self._find(key)
            return self.positions.place(path)
        for layer in self._layers(key):
            if entry in _section(layer.values, name):
                return self.positions.place(
                    () if layer.path is None else (*layer.path, name, entry)
                )
        return self.positions.place(())

    def _find(self, key: Key[Any]) -> tuple[object, Path]:
        for layer in self._layers(key):
            for name in key.names:
                value = layer.values.get(name)
                if value is not None:
                    return value, () if layer.path is None else (*layer.path, name)
        return None, ()

    def _merged(self, key: Key[Any]) -> dict[str, object]:
        entries: dict[str, object] = {}
        for layer in reversed(self._layers(key)):
            entries.update(_section(layer.values, key.name))
        if key is Keys.lambda_config:
            return {name: value for name, value in entries.items() if value is not None}
        if key is Keys.tags:
            stage, app = self.chalice_stage, self.app_name
            entries["aws-chalice"] = f"version={chalice.__version__}:stage={stage}:app={app}"
        return entries

    def _layers(self, key: Key[Any]) -> Sequence[Layer]:
        """Return the layers that may hold ``key``, the one that wins first."""
        stage, function = self.chalice_stage, self.function_name
        file = self.config_from_disk
        given, top, defaults = Layer(self._given), Layer(file, ()), Layer(self._defaults)
        of_stage = _layer(file, "stages", stage)
        if key.scope == "global":
            return given, top, defaults
        if key.scope == "stage":
            return given, of_stage, top, defaults
        given_function = Layer(_section(self._given, "lambda_functions", function))
        stage_function = _layer(file, "stages", stage, "lambda_functions", function)
        top_function = _layer(file, "lambda_functions", function)
        if key.merged:
            first = given_function, given, stage_function
        else:
            first = given_function, stage_function, given
        return *first, of_stage, top_function, top, defaults

    def _plain(self, name: str) -> object:
        for values in (self._given, self.config_from_disk, self._defaults):
            if values.get(name) is not None:
                return values[name]
        return None


def _layer(values: Mapping[str, object], *path: str) -> Layer:
    return Layer(_section(values, *path), path)


def _section(values: Mapping[str, object], *path: str) -> Mapping[str, object]:
    """Return the object at ``path``; an empty one if there is none."""
    for name in path:
        inner = values.get(name)
        values = inner if isinstance(inner, Mapping) else {}
    return values
