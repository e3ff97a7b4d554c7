"""The configuration of a project, for programs that load a project as the command does."""

from __future__ import annotations

import os
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chalice.config import Config


class CLIFactory:
    """Loads the project in `project_dir`. `profile` names AWS credentials.

    `environ` gets the environment variables of the stages that are loaded; that of this process
    gets them anyway, when an app is imported.
    """

    def __init__(
        self,
        project_dir: str | os.PathLike[str],
        debug: bool = False,
        profile: str | None = None,
        environ: MutableMapping[str, str] | None = None,
    ) -> None:
        self.project_dir = project_dir
        self.debug = debug
        self.profile = profile
        self.environ = {} if environ is None else environ

    def create_config_obj(
        self,
        chalice_stage_name: str = "dev",
        autogen_policy: bool | None = None,
        api_gateway_stage: str | None = None,
        user_provided_params: Mapping[str, object] | None = None,
    ) -> Config:
        """Return the configuration of a stage, whose `chalice_app` is imported when asked for.

        `user_provided_params` are keys of the configuration; they count more than the file.
        Raises `ToolError`.
        """
        from chalice.config import load

        config = load(
            Path(self.project_dir),
            chalice_stage_name,
            **{
                **(user_provided_params or {}),
                "autogen_policy": autogen_policy,
                "api_gateway_stage": api_gateway_stage,
                "profile": self.profile,
            },
        )
        self.environ.update(config.environment_variables)
        return config
