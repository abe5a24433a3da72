"""Writes the gallery's scenes and the sets of cases that come with the model.

    python3 samples.py --gallery ../wwwroot/samples --held-out ../models/held-out --crowded ../models/crowded
"""
import argparse
import json
import os

import numpy as np
from PIL import Image

import questions
import scoring
from data import Sampler

AWKWARD = ["cheeses", "bread"]      # read oddly as a number of pieces
SEED = 3_000_017      # neither training's nor evaluation's
CROWDED = [(7, 6), (8, 8)]
GRIDS = [(8, 8), (10, 10), (12, 9), (9, 12), (12, 12)]

# Title, style, canvas, most things, the ability whose question is shown.
GALLERY = [
    ("Breakfast", "table", (10, 10), 4, "describe"), ("Fruit plate", "table", (10, 10), 6, "count"), ("Snack break", "table", (12, 9), 5, "energy"),
    ("A few things", "table", (10, 10), 3, "locate"), ("Market table", "table", (12, 9), 8, "count all"), ("Two kinds", "table", (10, 10), 6, "compare"),
    ("Lunch", "table", (10, 10), 5, "energy"), ("Side by side", "table", (12, 9), 4, "extreme"), ("Close neighbours", "table", (10, 10), 5, "nearest"),
    ("Long table", "table", (16, 12), 10, "describe"), ("Portrait", "table", (9, 12), 5, "count"), ("Where is it?", "table", (10, 10), 5, "locate"),
    ("Bookshelf", "shelf", (12, 9), 6, "describe"), ("Shelf count", "shelf", (10, 10), 6, "count"), ("On the boards", "shelf", (12, 9), 5, "locate"),
    ("Tall shelf", "shelf", (9, 12), 6, "count all"), ("Left or right", "shelf", (12, 9), 4, "extreme"), ("Coloured bars", "bars", (12, 9), 5, None),
    ("Bars by letter", "bars", (10, 10), 6, None), ("Which is highest?", "bars", (12, 9), 4, None), ("A small chart", "bars", (10, 10), 3, None),
    ("A line", "line", (12, 9), 6, None), ("Full table", "table", (12, 12), 10, "count"), ("Check this", "table", (10, 10), 5, "critique"),
]


def save(scene, path):
    image = Image.fromarray(scene.image)
    image.save(path, **({"lossless": False, "quality": 92, "method": 6} if path.endswith(".webp") else {"optimize": True}))


def gallery(sampler, folder):
    os.makedirs(folder, exist_ok=True)
    listed = []
    for i, (title, style, grid, most, ability) in enumerate(GALLERY, 1):
        for attempt in range(1000):
            rng = np.random.default_rng([SEED, i, attempt])
            scene = sampler.scene(rng, grid, most, style, margin=0)
            exchange = questions.ask(scene, rng, ability, plain=True)
            full = len(scene.things) >= max(2, most - 2)
            question = exchange.turns[0][1]
            odd = style != "table" and "table" in question or any(word in question for word in AWKWARD)
            if full and not odd and exchange.answer not in (questions.CANT_TELL, "0") and ability in (None, exchange.ability):
                break
        file = f"scene-{i:02d}.png"
        save(scene, os.path.join(folder, file))
        listed.append({"file": file, "title": title, "question": exchange.turns[0][1]})
    with open(os.path.join(folder, "samples.json"), "w", encoding="utf-8") as f:
        json.dump(listed, f, indent=2)
        f.write("\n")


def held_out(sampler, n):
    """Scenes and questions of every kind."""
    for i in range(n):
        rng = np.random.default_rng([SEED, 1000 + i])
        scene = sampler.scene(rng, GRIDS[int(rng.integers(len(GRIDS)))], int(rng.choice([3, 6, 10])), margin=0)
        yield scene, questions.ask(scene, rng, plain=True)


def crowded(sampler, n):
    """Eight to ten things on a small canvas, where one look often misses something: for comparing teams."""
    for i in range(n):
        rng, scene = np.random.default_rng([SEED, 5000 + i]), None
        while scene is None or len(scene.things) < 8:
            scene = sampler.scene(rng, CROWDED[i % len(CROWDED)], 10, "table", margin=0)
        yield scene, questions.ask(scene, rng, str(rng.choice(["count", "count all", "describe", "compare"])), plain=True)


def write(folder, cases):
    """
    A folder of pictures with metadata.jsonl, as Hugging Face's imagefolder has it: one case a line, with what is in the
    picture as `objects` (bbox: left, top, width, height in pixels), or what is to be found in it.
    """
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "metadata.jsonl"), "w", encoding="utf-8") as f:
        for i, (scene, exchange) in enumerate(cases, 1):
            file = f"{i:03d}.webp"
            save(scene, os.path.join(folder, file))
            f.write(json.dumps(case(file, scene, exchange)) + "\n")


def case(file, scene, exchange):
    h, w = scene.image.shape[:2]
    # Where places are the answer, they alone are listed, and there is no text to be equal to.
    asked = scoring.asked_places(exchange, scene.things)
    things = scene.things if asked is None else asked
    boxes = [[round(left * w, 1), round(top * h, 1), round((right - left) * w, 1), round((bottom - top) * h, 1)] for top, left, bottom, right in (t.box for t in things)]
    values = [t.value for t in things]
    return {"file_name": file, "question": exchange.turns[0][1], "answer": exchange.answer if asked is None else None, "ability": exchange.ability, "style": scene.style, "width": w, "height": h,
            "objects": {"bbox": boxes, "categories": [t.kind for t in things]} | ({"values": values} if any(v is not None for v in values) else {})}


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--gallery")
    p.add_argument("--held-out")
    p.add_argument("--crowded")
    p.add_argument("--cases", type=int, default=320, help="of the held-out set; the crowded one has half as many")
    options = p.parse_args()
    # One each: a sampler's sprites change as it is used.
    if options.gallery:
        gallery(Sampler(None, [SEED]), options.gallery)
    if options.held_out:
        write(options.held_out, held_out(Sampler(None, [SEED]), options.cases))
    if options.crowded:
        write(options.crowded, crowded(Sampler(None, [SEED, 1]), options.cases // 2))


if __name__ == "__main__":
    main()
