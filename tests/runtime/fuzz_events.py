"""Searches for an event that breaks the runtime, guided by which code each one reaches.

`python -m tests.runtime.fuzz_events -max_total_time=300` (seconds); needs `atheris`.
"""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["chalice.runtime"]):
    import chalice.runtime.cookies
    import chalice.runtime.doors
    import chalice.runtime.forms
    import chalice.runtime.matching
    import chalice.runtime.middleware  # noqa: F401
    from tests.runtime import test_fuzz

if __name__ == "__main__":
    search = test_fuzz.test_every_event_has_a_well_formed_answer
    atheris.Setup(sys.argv, search.hypothesis.fuzz_one_input)  # type: ignore[attr-defined]
    atheris.Fuzz()
