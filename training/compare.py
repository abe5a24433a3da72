"""Compares the greedy answers of the engine node and of stock llama.cpp to the same scenes.

    python3 compare.py --llama-server PATH --node PATH/MuseWorkbench.EngineNode.dll --files ../models/muse-mini

Ends with code 0 where at least --equal of --cases answers are the same to the letter, and where a path is missing,
having compared nothing.
"""
import argparse
import sys

import evaluate
from data import Sampler
from serving import served


def answers(url, made, parallel):
    """The whole text of every turn the model says, greedily."""
    client = evaluate.Client(url, "", "muse-mini")
    return [replies for replies, _ in evaluate.run(client, made, parallel, 0.0)]


def differences(made, ones, others):
    """A line for each case whose answers differ: the question and where the texts part."""
    found = []
    for number, ((_, exchange), one, other) in enumerate(zip(made, ones, others)):
        if one != other:
            a, b = "\n".join(one), "\n".join(other)
            at = next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
            found.append(f"{number}: {exchange.turns[0][1]!r}: {a[max(0, at - 20):at + 30]!r} and {b[max(0, at - 20):at + 30]!r}")
    return found


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--llama-server", help="llama.cpp's server")
    p.add_argument("--node", help="the engine node")
    p.add_argument("--files", default="../models/muse-mini")
    p.add_argument("--cases", type=int, default=50)
    p.add_argument("--equal", type=int, default=48)
    p.add_argument("--parallel", type=int, default=2)
    options = p.parse_args()
    if not options.llama_server or not options.node:
        print("skipped: give --llama-server and --node")
        return 0
    made = list(evaluate.cases(Sampler(None, [evaluate.HELD_OUT, 7]), options.cases, 7))
    told = []
    for program in (options.node, options.llama_server):
        with served(program, options.files) as url:
            told.append(answers(url, made, options.parallel))
    parted = differences(made, *told)
    print("\n".join(parted))
    print(f"{len(made) - len(parted)} of {len(made)} equal")
    return 0 if len(made) - len(parted) >= options.equal else 1


if __name__ == "__main__":
    sys.exit(main())
