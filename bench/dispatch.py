"""Microseconds of a GET through the whole handler, and times those of a handler by hand.

Run `python -m bench.dispatch` from the root of the tree. Every framework runs in a process and an
environment of its own; the handler by hand runs beside it in the same process, batch by batch, and
ratios are taken batch by batch. Medians of all batches of all rounds; rounds are interleaved.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys

from bench.peers import HANDWRITTEN, PEERS, Peer, prepare

Batches = dict[str, list[list[float]]]


def run(rounds: int, batches: int) -> dict[str, dict[str, dict[str, float]]]:
    """`{peer: {scenario: {"us": ..., "ratio": ...}}}`."""
    peers = (HANDWRITTEN, *PEERS)
    prepare(*peers)
    collected: dict[Peer, Batches] = {peer: {} for peer in peers}
    for _ in range(rounds):
        for peer in peers:
            for scenario, measured in peer.measure("timed_calls", str(batches)).items():
                collected[peer].setdefault(scenario, []).extend(measured)
    return {
        peer.title: {
            scenario: {
                "us": round(statistics.median(own for own, _ in pairs) * 1e6, 2),
                "ratio": round(statistics.median(own / hand for own, hand in pairs), 2),
            }
            for scenario, pairs in scenarios.items()
        }
        for peer, scenarios in collected.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds, rougher numbers")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options = parser.parse_args()
    results = run(*((2, 5) if options.quick else (7, 15)))
    if options.json:
        json.dump(results, sys.stdout, indent=2)
        print()
        return
    scenarios = next(iter(results.values()))
    print(f"{'µs a GET (times by hand)':26}" + "".join(f"{name:>18}" for name in scenarios))
    for title, measured in results.items():
        cells = (f"{cell['us']:.1f} ({cell['ratio']:.2f}x)" for cell in measured.values())
        print(f"{title:26}" + "".join(f"{cell:>18}" for cell in cells))


if __name__ == "__main__":
    main()
