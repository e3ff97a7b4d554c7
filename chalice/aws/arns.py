"""ARNs taken apart: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html"""

from __future__ import annotations

from dataclasses import dataclass

from chalice.errors import ToolError


@dataclass(frozen=True, slots=True)
class FunctionArn:
    """The ARN of a function, which ``str`` gives whole."""

    text: str
    region: str
    account: str
    name: str

    @classmethod
    def parse(cls, text: str) -> FunctionArn:
        """Return the parts of a recorded ARN. Raises ``ToolError``."""
        match text.split(":"):
            case ["arn", _, "lambda", region, account, "function", name, *_]:
                return cls(text, region, account, name)
        raise ToolError(f"the recorded state is damaged: `{text}` is no ARN of a function")

    def __str__(self) -> str:
        return self.text
