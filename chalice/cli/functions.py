"""The functions of a stage, as its last deploy recorded them."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path

from chalice.errors import ToolError


class RecordedFunctions:
    """The ARNs of the functions that are recorded for a stage, by their names in the app.

    They are those that callers use: of a function that is published, that of its alias.
    """

    def __init__(self, project_dir: Path, stage: str, is_local: bool) -> None:
        from chalice.aws.state import StateFile
        from chalice.deploy import state_path

        path = state_path(project_dir, stage, local=is_local)
        state = StateFile(path).load()
        self._stage = stage
        self._deploy = f"chalice deploy --stage {stage}" + (" --local" if is_local else "")
        self._others = {record.name for record in state.records.values()}
        self._others.update(str(row.get("name")) for row in state.foreign)
        records = state.records.values()
        functions = {
            record.name: record.outputs["lambda_arn"]
            for record in records
            if record.kind == "Function"
        }
        live = {
            record.outputs["function"]: record.outputs["invoke_arn"]
            for record in records
            if record.kind == "Alias"
        }
        self.arns: Mapping[str, str] = {name: live.get(arn, arn) for name, arn in functions.items()}

    def arn(self, name: str) -> str:
        """Return the ARN of one function. Raises ``ToolError`` with the names there are."""
        if name in self.arns:
            return self.arns[name]
        summary = f"could not find a lambda function named {name}"
        if name in self._others:
            summary += ": what is recorded under that name is no function"
        raise ToolError(summary, hint=self._hint(name))

    def all(self) -> Mapping[str, str]:
        """Return the ARNs of all functions by name. Raises ``ToolError`` if there are none."""
        if not self.arns:
            raise ToolError(f"no function is recorded for stage {self._stage}", hint=self._hint())
        return self.arns

    def _hint(self, name: str = "") -> str:
        if not self.arns:
            return f"nothing is deployed that could run; deploy it: {self._deploy}"
        recorded = f"recorded for stage {self._stage}: {', '.join(sorted(self.arns))}"
        close = get_close_matches(name, self.arns, n=1)
        return f"did you mean `{close[0]}`? {recorded}" if close else recorded
