"""What callers may prove themselves with here: keys of issuers, API keys and their plans."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chalice.config import Config
from chalice.gateway.deployment import ApiKey, Quota, Throttle, UsagePlan
from chalice.local.key_files import GivenKeys, read_key_files


@dataclass(frozen=True)
class GivenProofs:
    """What the command line says: ``[ISSUER=]FILE`` and ``[NAME=]VALUE``."""

    jwks: Sequence[str] = ()
    api_keys: Sequence[str] = ()


NO_PROOFS = GivenProofs()


@dataclass(frozen=True)
class Proofs:
    """What is good: keys of issuers, API keys by value, and the profile of the developer."""

    issuers: GivenKeys = field(default_factory=GivenKeys)
    api_keys: Mapping[str, ApiKey] = field(default_factory=dict)
    profile: str | None = None


def read_proofs(config: Config, given: GivenProofs) -> Proofs:
    """Return what the configuration of a stage and the command line say. Raises ToolError."""
    own: Mapping[str, Any] = config.local
    project = Path(config.project_dir)
    files = [(name, project / path) for name, path in (own.get("jwks") or {}).items()]
    files += [(name, Path(path)) for name, path in map(_issuer_and_file, given.jwks)]
    keys = {value: name for name, value in (own.get("api_keys") or {}).items()}
    plans = _Plans(config)
    keys.update(_named(given.api_keys, plans.by_key.keys() | keys.values()))
    return Proofs(
        issuers=read_key_files(files),
        api_keys={value: plans.api_key(name, value) for value, name in keys.items()},
        profile=config.profile,
    )


def _issuer_and_file(text: str) -> tuple[str, str]:
    issuer, equals, path = text.partition("=")
    return (issuer, path) if equals and not Path(text).exists() else ("", text)


def _named(texts: Iterable[str], names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield values and names; what is before ``=`` is a name if the configuration has it."""
    known = frozenset(names)
    for text in texts:
        name, equals, value = text.partition("=")
        yield (value, name) if equals and name in known else (text, "")


class _Plans:
    """The usage plans in the configuration. ``by_key`` has those of the API keys it names."""

    def __init__(self, config: Config) -> None:
        self.by_key: dict[str, UsagePlan] = {}
        plans: Mapping[str, Mapping[str, Any]] = config.api_usage_plans
        for name, fields in plans.items():
            plan = _plan(name, fields)
            self.by_key.update(dict.fromkeys(fields.get("api_keys") or (), plan))
        self._only = plan if len(plans) == 1 else None

    def api_key(self, name: str, value: str) -> ApiKey:
        """Return a key; one without a name has the plan if there is only one."""
        return ApiKey(name or value, self.by_key.get(name) if name else self._only)


def _plan(name: str, fields: Mapping[str, Any]) -> UsagePlan:
    rate, burst, limit = (fields.get(key) for key in ("rate_limit", "burst_limit", "quota_limit"))
    throttle = None if rate is None and burst is None else Throttle(rate, burst)
    quota = None if limit is None else Quota(limit, fields.get("quota_period") or "MONTH")
    return UsagePlan(name, throttle, quota)
