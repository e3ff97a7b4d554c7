"""The code of a project's functions: what it calls, found when somebody first asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from chalice.config import Config
from chalice.graph.handlers import function_name
from chalice.policy.analysis import Findings, ServiceModels, analyse
from chalice.policy.arns import REGION

_WEBSOCKETS = "websocket_"


class Code:
    """What each function can do. ``functions`` has name -> handler, ``app.app``.

    ``project_dir`` is where the code is, None for where the configuration says. ``app`` is the
    handler of the routes, None likewise.
    """

    def __init__(
        self,
        config: Config,
        functions: Mapping[str, str],
        models: Callable[[], ServiceModels],
        libraries: Sequence[Path] = (),
        project_dir: Path | None = None,
        app: str | None = None,
    ) -> None:
        self._config = config
        self._functions = dict(functions)
        self._models = models
        self._libraries = libraries
        self._project_dir = project_dir or Path(config.project_dir)
        self._app = app
        self._findings: Mapping[str, Findings] | None = None

    @property
    def websocket_stage(self) -> str | None:
        """The stage of the app's WebSocket API, None if it has none."""
        has_one = any(name.startswith(_WEBSOCKETS) for name in self._functions)
        return self._config.api_gateway_stage if has_one else None

    def findings(self, function: str) -> Findings:
        """Return what was found in the code of a function; nothing for one that is not known."""
        if self._findings is None:
            self._findings = analyse(
                self._project_dir,
                self._functions,
                self._environment,
                self._models(),
                self._libraries,
                self._app or self._config.entry.handler,
            )
        return self._findings.get(function, Findings())

    def _environment(self, function: str) -> Mapping[str, str]:
        """Return the variables that a function will see, as far as they are known."""
        scope = self._config.scope(self._config.chalice_stage, function)
        return {
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_LAMBDA_FUNCTION_NAME": function_name(scope, function),
            **scope.environment_variables,
        }
