"""KiB of memory that an app with one route adds to the loaded Lambda runtime client, and a route.

Run `python -m bench.memory` from the root of the tree. Every sample is a fresh process in the
environment of its framework; medians. `traced` is what Python's allocator gave out, `resident`
what the process grew by, in whole pages. A route is a thousandth of what a thousand routes add.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys

from bench.peers import PEERS, Peer, prepare

MANY = 1000
Costs = dict[str, float | None]


def costs(peer: Peer, samples: int) -> Costs:
    """`{"app traced": KiB, "route traced": KiB, "app resident": KiB, "route resident": KiB}`."""
    found: Costs = {}
    for how in ("traced", "resident"):
        app = _median(peer, how, 1, samples)
        many = _median(peer, how, 1 + MANY, samples)
        found[f"app {how}"] = app
        found[f"route {how}"] = None if app is None or many is None else (many - app) / MANY
    return found


def _median(peer: Peer, how: str, routes: int, samples: int) -> float | None:
    measured = [peer.measure("used_memory", how, str(routes)) for _ in range(samples + 1)]
    # The first process may also compile the app's own file.
    return None if None in measured else statistics.median(measured[1:])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer samples, rougher numbers")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options = parser.parse_args()
    prepare(*PEERS)
    results = {peer.title: costs(peer, 2 if options.quick else 9) for peer in PEERS}
    if options.json:
        json.dump(results, sys.stdout, indent=2)
        print()
        return
    columns = list(next(iter(results.values())))
    print(f"{'memory, KiB':26}{''.join(f'{column:>16}' for column in columns)}")
    for title, result in results.items():
        cells = ("-" if value is None else f"{value:.2f}" for value in result.values())
        print(f"{title:26}{''.join(f'{cell:>16}' for cell in cells)}")


if __name__ == "__main__":
    main()
