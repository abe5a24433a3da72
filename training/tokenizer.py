"""Byte-level BPE in GPT-2's style (`gpt2`, pre-tokeniser `gpt-2` in GGUF), trained on the questions and answers themselves.

Digits are never merged: numbers are read and written digit by digit.
"""
import argparse
import collections
import json

import numpy as np
import regex

import questions as q
from scenes import COLOURS, Scene, Thing, sort
from sprites import KINDS, plural

CONTROL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|image>", "<image|>"]
USER = ["<think>", "</think>", "<tool_call>", "</tool_call>", "<tool_response>", "</tool_response>"] + \
    ["<loc%04d>" % v for v in range(0, 1024, q.LOC_STEP)]
WORDS = """the a an of and to in is it you that he was for on are with as his they be at one have this from or had by but not what all were we when your can
said there use each which she do how their if will up other about out many then them these so some her would make like him into time has look two more write
go see number no way could people my than first water been call who oil its now find system user tool assistant answer image picture agent final candidate
vote votes total left right top bottom largest smallest please only item items thing things table plate shelf chart bar line value red green blue check
explain why because sure yes maybe between behind under over most least same different three four five six seven eight nine ten none every any both"""

_SPLIT = regex.compile(r"""'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+""")


def _byte_letters():
    """GPT-2's printable letter for every byte."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    letters = {b: chr(b) for b in plain}
    for i, b in enumerate(b for b in range(256) if b not in letters):
        letters[b] = chr(256 + i)
    return letters


_LETTER = _byte_letters()


class Tokenizer:
    def __init__(self, tokens, merges):
        self.tokens, self.merges = tokens, [tuple(m) for m in merges]
        self.ids = {t: i for i, t in enumerate(tokens)}
        self.is_place = np.array([t.startswith("<loc") for t in tokens])
        self._rank = {m: i for i, m in enumerate(self.merges)}
        self._special = regex.compile("(" + "|".join(map(regex.escape, CONTROL + USER)) + ")")
        self._known = {}

    @classmethod
    def load(cls, path):
        with open(path, encoding="utf-8") as f:
            saved = json.load(f)
        return cls(saved["tokens"], saved["merges"])

    def save(self, path):
        with open(path, "w", encoding="utf-8") as f:
            json.dump({"tokens": self.tokens, "merges": self.merges}, f, ensure_ascii=False)

    def encode(self, text):
        ids = []
        for i, part in enumerate(self._special.split(text)):
            if i % 2:
                ids.append(self.ids[part])
            elif part:
                for word in _SPLIT.findall(part):
                    ids += self._word(word)
        return ids

    def _word(self, word):
        known = self._known.get(word)
        if known is None:
            known = self._known[word] = [self.ids[p] for p in _merge([_LETTER[b] for b in word.encode()], self._rank)]
        return known


def _merge(parts, rank):
    while len(parts) > 1:
        best, at = min((rank.get(pair, len(rank)), i) for i, pair in enumerate(zip(parts, parts[1:])))
        if best == len(rank):
            break
        parts[at:at + 2] = [parts[at] + parts[at + 1]]
    return parts


def _corpus(rng, exchanges):
    """Texts of made-up scenes: no pictures are needed to know the words."""
    def thing(kind, value=None):
        a = np.sort(rng.uniform(0, 1, (2, 2)), axis=0)
        return Thing(kind, (a[0, 0], a[0, 1], a[1, 0], a[1, 1]), value)

    for _ in range(exchanges):
        if rng.random() < .15:
            names = rng.choice(list(COLOURS) if rng.random() < .6 else list("ABCDEF"), 4, replace=False)
            scene = Scene(None, "bars" if rng.random() < .7 else "line", [thing(str(n), int(rng.integers(1, 11))) for n in names])
        else:
            scene = Scene(None, "table", sort([thing(str(rng.choice(KINDS))) for _ in range(int(rng.integers(1, 7)))]))
        e = q.ask(scene, rng)
        yield from (text for _, text in e.turns)
        if e.system:
            yield e.system
        if rng.random() < .04:
            yield q.ask_crop(scene, scene, rng).turns[0][1]


def train(merges, seed=7, exchanges=6000):
    counted = collections.Counter()

    def add(text, times=1):
        for word in _SPLIT.findall(regex.sub(r"<[^>]*>", " ", text)):
            if not any(c.isdigit() for c in word):
                counted["".join(_LETTER[b] for b in word.encode())] += times

    for text in _corpus(np.random.default_rng(seed), exchanges):
        add(text)
    for word in WORDS.split() + KINDS + [plural(k) for k in KINDS]:
        add(" " + word, 3)
        add(word)
    words = {w: list(w) for w in counted}
    learnt = []
    while len(learnt) < merges:
        pairs = collections.Counter()
        for word, parts in words.items():
            for pair in zip(parts, parts[1:]):
                pairs[pair] += counted[word]
        if not pairs:
            break
        best = max(pairs, key=lambda p: (pairs[p], p))
        if pairs[best] < 2:
            break
        learnt.append(best)
        for word, parts in words.items():
            i = 0
            while i + 1 < len(parts):
                if (parts[i], parts[i + 1]) == best:
                    parts[i:i + 2] = [parts[i] + parts[i + 1]]
                i += 1
    return Tokenizer(CONTROL + USER + [_LETTER[b] for b in range(256)] + [a + b for a, b in learnt], learnt)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--merges", type=int, default=670)
    parser.add_argument("--out", default="tokenizer.json")
    options = parser.parse_args()
    made = train(options.merges)
    made.save(options.out)
    print(f"{len(made.tokens)} tokens, {len(made.merges)} merges -> {options.out}")
