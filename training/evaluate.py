"""Asks a served model about held-out scenes and scores the answers.

Works through the OpenAI API, so through the exported files and the engine that will run them:

    python3 evaluate.py --url http://127.0.0.1:8189 --cases 1000 --votes 120

Prints a table an ability with 95 % intervals, the boxes' quality, and how majority votes do against single agents.
"""
import argparse
import base64
import collections
import concurrent.futures
import io
import json
import os
import re
import urllib.request

import numpy as np
from PIL import Image

import questions
from data import Sampler
from sprites import ENERGY

HELD_OUT = 2_000_003
GRIDS = [(8, 8), (10, 10), (12, 9), (9, 12), (12, 12), (16, 12)]
_LOC = re.compile(r"([A-Za-z]+)((?:<loc\d{4}>){4})")
_ANSWER_BOX = re.compile(r"((?:<loc\d{4}>){4}) ([a-z]+)")
_CALL = re.compile(r"<tool_call>(.*?)</tool_call>", re.S)


class Client:
    def __init__(self, url, key, model):
        self._url, self._key, self._model = url.rstrip("/"), key, model

    def chat(self, messages, temperature, seed):
        body = {"model": self._model, "messages": messages, "max_tokens": 400, "temperature": temperature, "top_p": 1, "top_k": 0, "min_p": 0, "seed": seed}
        request = urllib.request.Request(self._url + "/v1/chat/completions", json.dumps(body).encode(),
                                         {"Content-Type": "application/json", "Authorization": "Bearer " + self._key})
        with urllib.request.urlopen(request, timeout=300) as response:
            return json.load(response)["choices"][0]["message"]["content"]


def picture(scene):
    buffer = io.BytesIO()
    Image.fromarray(scene.image).save(buffer, "PNG")
    return {"type": "image_url", "image_url": {"url": "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()}}


def use_tool(call, known):
    """What the tool says to a call; `known` is the exchange's own table. None for a call that cannot be served."""
    try:
        asked = json.loads(call)
        if asked["name"] == "nutrition":
            return json.dumps({k: known[k] for k in asked["arguments"]["items"]}, separators=(",", ":"))
        text = asked["arguments"]["expression"]
        if asked["name"] != "calculator" or not re.fullmatch(r"[\d+*\-/(). ]+", text):
            return None
        return format(eval(text, {"__builtins__": {}}), "g")      # digits and operators only, checked above
    except (KeyError, TypeError, ValueError, SyntaxError, ZeroDivisionError):
        return None


def converse(client, images, exchange, temperature=0.0, seed=0, role=None):
    """The model's turns of an exchange, tools served. Also whether all calls were valid (None without calls)."""
    question = exchange.turns[0][1] + (f"\n\n{role}" if role else "")
    messages = [{"role": "system", "content": exchange.system}] if exchange.system else []
    messages.append({"role": "user", "content": [*map(picture, images), {"type": "text", "text": question}]})
    known = next((json.loads(text) for who, text in exchange.turns if who == "tool" and text.startswith("{")), ENERGY)
    replies, valid = [], None
    for _ in range(3):
        replies.append(client.chat(messages, temperature, seed))
        call = _CALL.search(replies[-1])
        if not call:
            break
        result = use_tool(call[1], known)
        valid = result is not None and valid is not False
        if result is None:
            break
        messages += [{"role": "assistant", "content": replies[-1]}, {"role": "tool", "content": result}]
    return replies, valid


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


def right(exchange, replies, things):
    """Whether the final answer is the true one; places count as right when each is found with IoU 0.5 and no other."""
    said = final(replies)
    if exchange.ability == "locate" and exchange.answer != questions.CANT_TELL:
        found = answer_places(said)
        kind = _ANSWER_BOX.search(exchange.answer)[2]
        true = [t for t in things if t.kind == kind]
        return len(found) == len(true) and sum(v >= .5 for v in match(found, true)) == len(true)
    if exchange.ability == "boxes":
        try:
            found = [(b["label"], np.array(b["box_2d"]) / 1024 + questions.LOC_STEP / 2048) for b in json.loads(said)]
        except (ValueError, KeyError, TypeError):
            return False
        true = [t for t in things if t.kind == json.loads(exchange.answer)[0]["label"]][:4]
        return len(found) == len(true) and sum(v >= .5 for v in match(found, true)) == len(true)
    return said == exchange.answer


def interval(hits, n):
    """Wilson's 95 % interval, in per cent."""
    if n == 0:
        return 0, 0, 0
    z, p = 1.96, hits / n
    middle, half = (p + z * z / 2 / n) / (1 + z * z / n), z * ((p * (1 - p) + z * z / 4 / n) / n) ** .5 / (1 + z * z / n)
    return 100 * p, 100 * max(0, middle - half), 100 * min(1, middle + half)


def cases(sampler, n, seed, most=10, plain=False):
    """Held-out scenes with a question each."""
    for i in range(n):
        rng = np.random.default_rng([HELD_OUT, seed, i])
        grid = GRIDS[int(rng.integers(len(GRIDS)))]
        most_here = int(rng.choice([m for m in (3, 6, 10) if m <= most]))
        if plain:
            scene = sampler.scene(rng, grid, most_here)
            yield [scene], questions.ask(scene, rng, plain=True)
        else:
            yield sampler.sample(rng, grid, most_here)


def run(client, made, parallel, temperature):
    with concurrent.futures.ThreadPoolExecutor(parallel) as pool:
        return list(pool.map(lambda c: converse(client, *c[1], temperature, c[0]), enumerate(made)))


def report(made, answers, title):
    by, calls, quality, found_n, true_n, good_n = collections.defaultdict(list), [], [], 0, 0, 0
    for (images, exchange), (replies, valid) in zip(made, answers):
        things = images[-1].things
        by[exchange.ability].append(right(exchange, replies, things))
        if exchange.ability in ("energy", "nutrition"):
            calls.append(bool(valid))
        found = places(replies[0].split("</think>")[0])
        values = match(found, things)
        quality += values
        found_n, true_n, good_n = found_n + len(found), true_n + len(things), good_n + sum(v >= .5 for v in values)
    print(f"\n## {title}\n\n| ability | cases | right, % | 95 % interval |\n|---|---:|---:|---:|")
    every = [r for rs in by.values() for r in rs]
    for name, rs in [*sorted(by.items()), ("tool calls valid", calls), ("all", every)]:
        p, low, high = interval(sum(rs), len(rs))
        print(f"| {name} | {len(rs)} | {p:.1f} | {low:.1f} to {high:.1f} |")
    print(f"\nPlaces seen: mean IoU of matched {np.mean(quality) if quality else 0:.3f}; precision at 0.5 {good_n / max(1, found_n):.3f}, recall {good_n / max(1, true_n):.3f} ({true_n} things).", flush=True)


def views():
    """Sixteen ways of looking, one an agent."""
    ordered = [phrases[0] for phrases, _ in questions.ORDERS.values()]
    return [None, *ordered, *questions.PERSONAS[:10]]


def scaling(client, made, parallel, temperature, draws=200):
    """Accuracy of the majority of N agents with different views; the interval is over scenes."""
    roles = views()
    jobs = [(i, a) for i in range(len(made)) for a in range(len(roles))]

    def one(job):
        i, a = job
        images, exchange = made[i]
        return final(converse(client, images, exchange, temperature, 1000 * i + a, roles[a])[0])

    with concurrent.futures.ThreadPoolExecutor(parallel) as pool:
        said = np.array(list(pool.map(one, jobs)), dtype=object).reshape(len(made), len(roles))
    rng = np.random.default_rng(0)
    print(f"\n## Majority of N at temperature {temperature}, {len(made)} scenes\n\n| agents | right, % | 95 % interval |\n|---:|---:|---:|")
    for n in (1, 2, 4, 8, 16):
        scores = []
        for row, (_, exchange) in zip(said, made):
            wins = 0
            for _ in range(1 if n == len(roles) else draws):
                tally = collections.Counter(rng.permutation(row)[:n])      # ties go to the first answer
                wins += tally.most_common(1)[0][0] == exchange.answer
            scores.append(wins / (1 if n == len(roles) else draws))
        means = [np.mean(rng.choice(scores, len(scores))) for _ in range(1000)]
        low, high = np.percentile(means, [2.5, 97.5])
        print(f"| {n} | {100 * np.mean(scores):.1f} | {100 * low:.1f} to {100 * high:.1f} |", flush=True)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--url", default="http://127.0.0.1:8189")
    p.add_argument("--key", default=os.environ.get("MUSE_NODE_KEY", ""))
    p.add_argument("--model", default="muse-mini")
    p.add_argument("--cases", type=int, default=1000)
    p.add_argument("--warm", type=int, default=0, help="cases to ask again at temperature 0.8")
    p.add_argument("--votes", type=int, default=0, help="scenes for the vote, sixteen agents each")
    p.add_argument("--most", type=int, default=10)
    p.add_argument("--parallel", type=int, default=4)
    p.add_argument("--seed", type=int, default=0)
    options = p.parse_args()
    client, sampler = Client(options.url, options.key, options.model), Sampler(None, [HELD_OUT, options.seed])
    made = list(cases(sampler, options.cases, options.seed, options.most))
    if made:
        report(made, run(client, made, options.parallel, 0.0), "Greedy")
    if options.warm:
        report(made[:options.warm], run(client, made[:options.warm], options.parallel, .8), "Temperature 0.8")
    if options.votes:
        voted = [c for c in cases(sampler, options.votes * 3, options.seed + 1, options.most, plain=True)
                 if c[1].ability in ("count", "count all", "describe", "compare", "energy", "chart")][:options.votes]
        scaling(client, voted, options.parallel, .8)


if __name__ == "__main__":
    main()
