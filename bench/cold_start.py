"""Milliseconds that import plus first answer add to the loaded Lambda runtime client.

Run `python -m bench.cold_start` from the root of the tree. Every sample is a fresh process in the
environment of its framework; samples are interleaved; medians. The handler by hand shows what
importing the app's own file costs.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys

from bench.peers import HANDWRITTEN, PEERS, Peer, prepare


def run(samples: int) -> dict[str, dict[str, float]]:
    """`{peer: {"ms": ..., "modules": ...}}`."""
    peers = (HANDWRITTEN, *PEERS)
    prepare(*peers)
    collected: dict[Peer, list[dict[str, float]]] = {peer: [] for peer in peers}
    for number in range(samples + 1):
        for peer in peers:
            sample = peer.measure("timed_start")
            if number:  # the first one fills the caches of the file system
                collected[peer].append(sample)
    return {
        peer.title: {
            "ms": round(statistics.median(sample["ms"] for sample in measured), 2),
            "modules": measured[0]["modules"],
        }
        for peer, measured in collected.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer samples, rougher numbers")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options = parser.parse_args()
    results = run(5 if options.quick else 41)
    if options.json:
        json.dump(results, sys.stdout, indent=2)
        print()
        return
    print(f"{'cold start':26}{'ms':>8}{'modules':>10}")
    for title, result in results.items():
        print(f"{title:26}{result['ms']:>8.2f}{result['modules']:>10.0f}")


if __name__ == "__main__":
    main()
