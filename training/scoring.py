"""Says whether a conversation came to the right answer, and how well places were seen."""
import collections
import json
import re

import numpy as np

import questions

_LOC = re.compile(r"([A-Za-z]+)((?:<loc\d{4}>){4})")
_ANSWER_BOX = re.compile(r"((?:<loc\d{4}>){4}) ([a-z]+)")


def final(replies):
    return replies[-1].split("</think>")[-1].replace("<|im_end|>", "").strip()


def places(text):
    return [(kind, np.array([int(v) for v in re.findall(r"\d{4}", locs)]) / 1024 + questions.LOC_STEP / 2048) for kind, locs in _LOC.findall(text)]


def answer_places(text):
    return [(kind, np.array([int(v) for v in re.findall(r"\d{4}", locs)]) / 1024 + questions.LOC_STEP / 2048) for locs, kind in _ANSWER_BOX.findall(text)]


def iou(a, b):
    inner = max(0.0, min(a[2], b[2]) - max(a[0], b[0])) * max(0.0, min(a[3], b[3]) - max(a[1], b[1]))
    area = lambda x: max(0.0, x[2] - x[0]) * max(0.0, x[3] - x[1])
    return inner / max(1e-9, area(a) + area(b) - inner)


def match(found, things):
    """IoU of each pair of a found and a true place of one kind, best pairs first, each used once."""
    pairs = sorted(((iou(box, t.box), i, j) for i, (kind, box) in enumerate(found) for j, t in enumerate(things) if t.kind == kind), reverse=True)
    used_i, used_j, out = set(), set(), []
    for value, i, j in pairs:
        if value > 0 and i not in used_i and j not in used_j:
            used_i.add(i), used_j.add(j)
            out.append(value)
    return out


def asked_places(exchange, things):
    """The things whose places are the answer; None where the answer is a text."""
    if exchange.answer == questions.CANT_TELL or exchange.ability not in ("locate", "boxes"):
        return None
    if exchange.ability == "locate":
        kind = _ANSWER_BOX.search(exchange.answer)[2]
        return [t for t in things if t.kind == kind]
    return [t for t in things if t.kind == json.loads(exchange.answer)[0]["label"]][:4]


def right(exchange, replies, things):
    """Whether the final answer is the true one; places count as right when each is found with IoU 0.5 and no other."""
    said = final(replies)
    true = asked_places(exchange, things)
    if true is None:
        return said == exchange.answer
    try:
        found = answer_places(said) if exchange.ability == "locate" else [
            (b["label"], np.array(b["box_2d"]) / 1024 + questions.LOC_STEP / 2048) for b in json.loads(said)]
    except (ValueError, KeyError, TypeError):
        return False
    return len(found) == len(true) and sum(v >= .5 for v in match(found, true)) == len(true)


def interval(hits, n):
    """Wilson's 95 % interval, in per cent."""
    if n == 0:
        return 0, 0, 0
    z, p = 1.96, hits / n
    middle, half = (p + z * z / 2 / n) / (1 + z * z / n), z * ((p * (1 - p) + z * z / 4 / n) / n) ** .5 / (1 + z * z / n)
    return 100 * p, 100 * max(0, middle - half), 100 * min(1, middle + half)


class Tally:
    """Counts right and wrong answers by ability, valid tool calls, and places seen."""

    def __init__(self):
        self._abilities, self._calls, self._overlaps = collections.defaultdict(list), [], []
        self._found = self._true = self._good = 0

    def add(self, exchange, replies, valid, things):
        """`valid`: whether all tool calls could be served, None where there were none."""
        self._abilities[exchange.ability].append(right(exchange, replies, things))
        if exchange.ability in ("energy", "nutrition"):
            self._calls.append(bool(valid))
        found = places(replies[0].split("</think>")[0])
        overlaps = match(found, things)
        self._overlaps += overlaps
        self._found, self._true, self._good = self._found + len(found), self._true + len(things), self._good + sum(v >= .5 for v in overlaps)

    def rows(self):
        """(name, cases, right in per cent, low, high) for each ability, for tool calls and for all."""
        every = [r for rs in self._abilities.values() for r in rs]
        named = [*sorted(self._abilities.items()), ("tool calls valid", self._calls), ("all", every)]
        return [(name, len(rs), *interval(sum(rs), len(rs))) for name, rs in named]

    def places(self):
        """Mean IoU of matched places; precision and recall at IoU 0.5; number of true things."""
        mean = float(np.mean(self._overlaps)) if self._overlaps else 0.0
        return mean, self._good / max(1, self._found), self._good / max(1, self._true), self._true


def table(tally, title):
    """A tally in Markdown."""
    lines = [f"## {title}", "", "| ability | cases | right, % | 95 % interval |", "|---|---:|---:|---:|"]
    lines += [f"| {name} | {n} | {p:.1f} | {low:.1f} to {high:.1f} |" for name, n, p, low, high in tally.rows()]
    mean, precision, recall, n = tally.places()
    return "\n".join(lines + ["", f"Places seen: mean IoU of matched {mean:.3f}; precision at 0.5 {precision:.3f}, recall {recall:.3f} ({n} things)."])


def majority(answers):
    """The answer said most often; of several, the one said first."""
    return collections.Counter(answers).most_common(1)[0][0]


def scaling(said, true, sizes, draws=200, seed=0):
    """
    How often the majority of n agents is right, for each n: (n, per cent, low, high). `said` holds a row of agents'
    answers for each scene. Teams are drawn at random; the interval (bootstrap) is over scenes.
    """
    rng, found = np.random.default_rng(seed), []
    for n in sizes:
        times = draws if n < len(said[0]) else 1
        scores = [np.mean([majority(rng.permutation(row)[:n]) == answer for _ in range(times)]) for row, answer in zip(said, true)]
        low, high = np.percentile([np.mean(rng.choice(scores, len(scores))) for _ in range(1000)], [2.5, 97.5])
        found.append((n, 100 * float(np.mean(scores)), 100 * float(low), 100 * float(high)))
    return found
