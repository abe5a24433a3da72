"""Asks a served model about held-out scenes and scores the answers.

Works through the OpenAI API, so through the exported files and the engine that will run them:

    python3 evaluate.py --serve PATH --files ../models/muse-mini --cases 1000 --warm 200 --votes 120

PATH is llama-server or the engine node; --url asks one that runs already. Prints a table of abilities with 95 %
intervals, how well places are seen, and how majority votes do against single agents.
"""
import argparse
import base64
import concurrent.futures
import contextlib
import io
import json
import os
import re
import urllib.request

import numpy as np
from PIL import Image

import questions
from data import Sampler
from scoring import Tally, final, scaling, table
from serving import served
from sprites import ENERGY

HELD_OUT = 2_000_003
GRIDS = [(8, 8), (10, 10), (12, 9), (9, 12), (12, 12), (16, 12)]
VOTED = "count", "count all", "describe", "compare", "energy", "chart"     # abilities whose answers can be counted as votes
# What the first Muse Mini was made for: up to six things of eight kinds on a table, 192 pixels square.
PLATE_KINDS = ["apple", "banana", "egg", "tomato", "carrot", "cheese", "cookie", "grapes"]
PLATE_ABILITIES = {"count": .35, "count all": .15, "describe": .2, "energy": .2, "locate": .1}
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


def plates(sampler, n, seed):
    """Held-out scenes of the easier kind, asked plainly."""
    for i in range(n):
        rng = np.random.default_rng([HELD_OUT, seed, 1, i])
        exchange = None
        while exchange is None or exchange.answer == questions.CANT_TELL:
            scene = sampler.scene(rng, (8, 8), 6, "table", margin=0, kinds=PLATE_KINDS)
            exchange = questions.ask(scene, rng, str(rng.choice(list(PLATE_ABILITIES), p=list(PLATE_ABILITIES.values()))), plain=True)
        yield [scene], exchange


def run(client, made, parallel, temperature):
    with concurrent.futures.ThreadPoolExecutor(parallel) as pool:
        return list(pool.map(lambda c: converse(client, *c[1], temperature, c[0]), enumerate(made)))


def tally(made, answers):
    counted = Tally()
    for (images, exchange), (replies, valid) in zip(made, answers):
        counted.add(exchange, replies, valid, images[-1].things)
    return counted


def views():
    """Sixteen ways of looking, one an agent."""
    ordered = [phrases[0] for phrases, _ in questions.ORDERS.values()]
    return [None, *ordered, *questions.PERSONAS[:10]]


def vote(client, made, parallel, temperature):
    """The answers of sixteen agents to each scene: [scenes, agents]."""
    roles = views()

    def one(job):
        i, a = job
        images, exchange = made[i]
        return final(converse(client, images, exchange, temperature, 1000 * i + a, roles[a])[0])

    with concurrent.futures.ThreadPoolExecutor(parallel) as pool:
        said = list(pool.map(one, [(i, a) for i in range(len(made)) for a in range(len(roles))]))
    return np.array(said, dtype=object).reshape(len(made), len(roles))


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--url", default="http://127.0.0.1:8189")
    p.add_argument("--key", default=os.environ.get("MUSE_NODE_KEY", ""))
    p.add_argument("--serve", help="program to serve --files with meanwhile, instead of --url")
    p.add_argument("--files", default="../models/muse-mini")
    p.add_argument("--model", default="muse-mini")
    p.add_argument("--cases", type=int, default=1000)
    p.add_argument("--plates", type=int, default=0, help="cases of the easier kind: eight foods, at most six, 192 pixels")
    p.add_argument("--warm", type=int, default=0, help="cases to ask again at temperature 0.8")
    p.add_argument("--votes", type=int, default=0, help="scenes for the vote, sixteen agents each")
    p.add_argument("--most", type=int, default=10)
    p.add_argument("--parallel", type=int, default=4)
    p.add_argument("--seed", type=int, default=0)
    options = p.parse_args()
    with served(options.serve, options.files, options.parallel) if options.serve else contextlib.nullcontext(options.url) as url:
        ask(options, Client(url, "" if options.serve else options.key, options.model))


def ask(options, client):
    sampler = Sampler(None, [HELD_OUT, options.seed])
    made = list(cases(sampler, options.cases, options.seed, options.most))
    easy = list(plates(sampler, options.plates, options.seed))
    for title, asked, temperature in (("Greedy", made, 0.0), ("Plates, greedy", easy, 0.0), ("Temperature 0.8", made[:options.warm], .8)):
        if asked:
            print("\n" + table(tally(asked, run(client, asked, options.parallel, temperature)), title), flush=True)
    if options.votes:
        voted = [c for c in cases(sampler, options.votes * 3, options.seed + 1, options.most, plain=True) if c[1].ability in VOTED][:options.votes]
        said = vote(client, voted, options.parallel, .8)
        print(f"\n## Majority of N at temperature 0.8, {len(voted)} scenes\n\n| agents | right, % | 95 % interval |\n|---:|---:|---:|")
        for n, p, low, high in scaling(said, [e.answer for _, e in voted], (1, 2, 4, 8, 16)):
            print(f"| {n} | {p:.1f} | {low:.1f} to {high:.1f} |", flush=True)


if __name__ == "__main__":
    main()
