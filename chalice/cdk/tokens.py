"""The CDK's tokens: text that stands for what is known when the stack is deployed.

https://docs.aws.amazon.com/cdk/v2/guide/tokens.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_TOKEN = re.compile(r"[$#]\{Token\[[^\]]*\]\}")
_STAND_IN = re.compile(r"\$\{chalice\.(\d+)\}")


class Tokens:
    """Gives tokens stand-ins while an app is packaged.

    Tokens have other numbers from one synthesis to the next, and what is derived from them would
    differ too.
    """

    def __init__(self) -> None:
        self._tokens: list[str] = []

    def hidden(self, value: Any) -> Any:
        """Return JSON with a stand-in for every token in it."""
        match value:
            case str():
                return _TOKEN.sub(self._stand_in, value)
            case Mapping():
                return {key: self.hidden(item) for key, item in value.items()}
            case list() | tuple():
                return [self.hidden(item) for item in value]
            case _:
                return value

    def _stand_in(self, found: re.Match[str]) -> str:
        token = found[0]
        if token not in self._tokens:
            self._tokens.append(token)
        return f"${{chalice.{self._tokens.index(token)}}}"

    def shown(self, text: str) -> str:
        """Return text with the tokens again."""
        return _STAND_IN.sub(lambda found: self._tokens[int(found[1])], text)
