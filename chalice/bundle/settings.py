"""What the configuration of a stage says of its bundle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from chalice.bundle.declarations import declaration
from chalice.bundle.limits import MAX_IMAGE, MAX_UNPACKED
from chalice.bundle.patterns import Patterns
from chalice.bundle.requirements import Declaration
from chalice.config import Config
from chalice.config.entry import Entry


@dataclass(frozen=True)
class Settings:
    """How a project is bundled.

    ``dependencies_from`` is the file that says what it requires; None is the first that it has.
    ``boto3`` says whether it and its needs are bundled; None is where a version is asked for that
    Lambda may not have. ``bytecode`` adds compiled files, ``check`` tries to import the app
    from the bundle, in an environment with the variables ``environment``. ``most`` is how many
    bytes it may have unpacked.
    """

    entry: Entry = field(default_factory=Entry)
    dependencies_from: Declaration | None = None
    include: Patterns = field(default_factory=Patterns)
    exclude: Patterns = field(default_factory=Patterns)
    boto3: bool | None = None
    bytecode: bool = False
    check: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)
    most: int = MAX_UNPACKED

    @classmethod
    def of(cls, config: Config) -> Settings:
        """Return what the configuration of a stage says. Raises ``ToolError``.

        One import stands for all functions, so it sees the variables of each.
        """
        environment: dict[str, str] = {}
        for function in config.lambda_functions:
            environment.update(config.scope(config.chalice_stage, function).environment_variables)
        return cls(
            entry=config.entry,
            dependencies_from=declaration(config.dependencies_from),
            include=Patterns(tuple(config.bundle_include)),
            exclude=Patterns(tuple(config.bundle_exclude)),
            boto3=config.bundle_boto3,
            bytecode=config.bundle_bytecode,
            check=config.bundle_check,
            environment={**environment, **config.environment_variables},
            most=MAX_IMAGE if config.package == "image" else MAX_UNPACKED,
        )
