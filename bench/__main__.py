"""Runs every benchmark, one after another, each in a process of its own.

``python -m bench --quick`` takes a minute or two; the arguments go to each of them.
"""

from __future__ import annotations

import subprocess
import sys

BENCHMARKS = (
    *("dispatch", "cold_start", "memory", "invoke", "gateway", "local"),
    *("events", "soak", "deploy", "packaging", "policy"),
)


def main() -> int:
    """Return 1 if one of the benchmarks failed."""
    failed = []
    for name in BENCHMARKS:
        print(f"== {name}", flush=True)
        done = subprocess.run([sys.executable, "-m", f"bench.{name}", *sys.argv[1:]], check=False)
        if done.returncode != 0:
            failed.append(name)
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
