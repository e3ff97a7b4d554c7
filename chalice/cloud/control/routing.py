"""URL rules are compiled one at a time.

werkzeug compiles each rule through Python's syntax trees, which count their depth per interpreter
in CPython 3.11: two threads that make some at the same moment fail with a SystemError. moto makes
the rules of a service when the first request for it comes, in the thread of that request.
https://github.com/python/cpython/issues/106905
"""

from __future__ import annotations

from threading import RLock

from werkzeug.routing import Rule


def serialise_rules() -> None:
    """Let no two threads compile a rule at the same time."""
    lock = RLock()
    compile_rule = Rule.compile

    def compile_alone(self: Rule) -> None:
        with lock:
            compile_rule(self)

    Rule.compile = compile_alone  # type: ignore[method-assign]
