"""Batches of exchanges about scenes, made on the fly: no picture is seen twice."""
import math

import numpy as np
import torch
from PIL import Image

import questions
import teamwork
from scenes import COLOURS, LETTERS, Scene, SceneMaker, Thing, crop
from sprites import KINDS

PATCH = 24
CLASSES = ["nothing"] + KINDS + list(COLOURS) + LETTERS
_CLASS = {name: i for i, name in enumerate(CLASSES)}

# Columns, rows and weight of the canvases trained on. llama.cpp sends 40 to 280 patches in about the picture's own
# shape; small ones train fast and come often, large and long ones keep every table row in use.
GRIDS = [(8, 8, 24), (10, 10, 20), (10, 8, 8), (8, 10, 5), (12, 9, 10), (9, 12, 5), (12, 12, 8), (16, 12, 3), (12, 16, 2),
         (16, 16, 4), (14, 14, 2), (19, 14, 1.5), (14, 19, 1), (22, 12, .7), (12, 22, .4), (7, 6, 1), (9, 5, .5), (26, 10, .3), (10, 26, .2)]
SMALL = 4        # how many of them the first part of a run uses


def curriculum(progress, rng):
    """Most things in a scene, and how many of GRIDS are in play, by how far the easing-in is (0 ... 1)."""
    if progress < .08:
        return int(rng.choice([1, 2])), SMALL
    if progress < .25:
        return int(rng.choice([2, 4])), SMALL
    return int(rng.choice([3, 6, 10])), SMALL if progress < .4 else len(GRIDS)


def patchify(image):
    """uint8 [h, w, 3] to [rows * columns, 3 * 24 * 24] with each patch channel by channel, as llama.cpp lays it out."""
    h, w = image.shape[0] // PATCH, image.shape[1] // PATCH
    return np.ascontiguousarray(image.reshape(h, PATCH, w, PATCH, 3).transpose(0, 2, 4, 1, 3)).reshape(h * w, -1)


def dense_targets(things, columns, rows):
    """Per patch: class of the thing lying there, whether its centre does, and its box."""
    kind = np.zeros((rows, columns), np.int64)
    centre = np.zeros((rows, columns), np.float32)
    box = np.zeros((rows, columns, 4), np.float32)
    nearest = np.full((rows, columns), np.inf, np.float32)
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float32)
    y, x = (y + .5) / rows, (x + .5) / columns
    for t in things:
        top, left, bottom, right = t.box
        cy, cx = t.centre
        row, column = min(rows - 1, int(cy * rows)), min(columns - 1, int(cx * columns))
        apart = np.maximum(np.abs(y - cy) / max(1e-3, bottom - top), np.abs(x - cx) / max(1e-3, right - left))
        inside = (y >= top) & (y <= bottom) & (x >= left) & (x <= right)
        inside[row, column] = True
        apart[row, column] = min(apart[row, column], .1)
        win = inside & (apart < nearest)
        kind[win], box[win], nearest[win] = _CLASS[t.kind], t.box, apart[win]
        centre[row, column] = 1
    return kind.ravel(), centre.ravel(), box.reshape(-1, 4)


def margins(scene, rng, size):
    """As a picture whose shape does not divide into patches arrives: black at two opposite edges."""
    w, h = size
    image = Image.fromarray(scene.image)
    gap = int(rng.integers(1, 12))
    inner = (w - gap, h) if rng.random() < .5 else (w, h - gap)
    canvas = Image.new("RGB", size)
    left, top = (w - inner[0]) // 2, (h - inner[1]) // 2
    canvas.paste(image.resize(inner, Image.BILINEAR), (left, top))
    scale = ((inner[1] / h), (inner[0] / w)) * 2
    shift = (top / h, left / w) * 2
    return Scene(np.asarray(canvas), scene.style, [Thing(t.kind, tuple(v * s + o for v, s, o in zip(t.box, scale, shift)), t.value) for t in scene.things])


class Sampler:
    """Makes training samples; one per process."""

    def __init__(self, tokenizer, seed, variants=12):
        self._tokens = tokenizer
        self._maker = SceneMaker(seed, variants)

    def scene(self, rng, grid, most, style=None, margin=.2, kinds=None):
        """A scene on a canvas of `grid` patches; `margin` is how often it comes with a black edge."""
        size = grid[0] * PATCH, grid[1] * PATCH
        scene = self._maker.make(rng, size, most, style, kinds)
        return margins(scene, rng, size) if rng.random() < margin else scene

    def sample(self, rng, grid, most, style=None, ability=None):
        scene = self.scene(rng, grid, most, style)
        images = [scene]
        exchange = None
        if style is None and ability is None and scene.style in ("table", "shelf") and rng.random() < .03:
            close = crop(scene, rng, (8 * PATCH, 8 * PATCH))
            if close:
                images.append(close)
                exchange = questions.ask_crop(scene, close, rng)
        return images, exchange or questions.ask(scene, rng, ability)

    def teamwork(self, rng, grid, most):
        """A scene asked about with other agents' work."""
        exchange = None
        while exchange is None:
            scene = self.scene(rng, grid, most)
            exchange = teamwork.ask(scene, rng)
        return [scene], exchange

    def length(self, images, exchange):
        return len(self.encode(images, exchange)[0])

    def encode(self, images, exchange):
        """Ids (0 in a patch's place), targets (-100 where nothing is asked), image numbers (0 for text)."""
        ids, target, image = [], [], []

        def add(text, asked=False):
            more = self._tokens.encode(text)
            ids.extend(more)
            target.extend(more if asked else [-100] * len(more))
            image.extend([0] * len(more))

        if exchange.system:
            add(f"<|im_start|>system\n{exchange.system}<|im_end|>\n")
        for i, (role, text) in enumerate(exchange.turns):
            add(f"<|im_start|>{role}\n")
            if i == 0:
                for number, scene in enumerate(images, 1):
                    add("<|image>")
                    n = scene.image.shape[0] * scene.image.shape[1] // PATCH ** 2
                    ids.extend([0] * n)
                    target.extend([-100] * n)
                    image.extend([number] * n)
                    add("<image|>")
            add(f"{text}<|im_end|>", role == "assistant")
            add("\n")
        return ids, target, image

    def batch(self, rng, size, grid, most, **kind):
        return self.collate([self.sample(rng, grid, most, **kind) for _ in range(size)])

    def collate(self, samples, even=False):
        """
        One batch. `limits` says how many columns each row sees: those up to itself, for a patch those up to the end of
        its picture, none for padding. `even` fills up to few different shapes, for GPUs: there a product whose shape is
        new costs more than some padding. What is filled in has no target and lies in a cell that nothing sees.
        """
        rows = [self.encode(*s) for s in samples]
        length = _up(max(len(r[0]) for r in rows), 64 if even else 16)
        shape = _up(len(rows) + 1, 2048 // math.gcd(2048, length)) if even else len(rows), length
        ids = np.zeros(shape, np.int64)
        image = np.zeros(shape, np.int64)
        limits = np.zeros(shape, np.int32)
        target = np.full(shape, -100, np.int64)
        parts = {name: [] for name in ("patches", "column", "row", "kind", "centre", "box")}
        for i, ((row_ids, row_target, row_image), (images, _)) in enumerate(zip(rows, samples)):
            n = len(row_ids)
            ids[i, :n], image[i, :n] = row_ids, row_image
            target[i, :n - 1] = row_target[1:]      # a position answers for the token after it
            limits[i, :n] = np.arange(1, n + 1)
            for number in range(1, len(images) + 1):
                inside = np.flatnonzero(image[i] == number)
                limits[i, inside] = inside[-1] + 1
            for scene in images:
                h, w = scene.image.shape[0] // PATCH, scene.image.shape[1] // PATCH
                kind, centre, box = dense_targets(scene.things, w, h)
                at = np.arange(h * w)
                for name, value in zip(parts, (patchify(scene.image), at % w, at // w, kind, centre, box)):
                    parts[name].append(value)
        asked = np.flatnonzero(target.ravel() >= 0)
        arrays = {name: np.concatenate(value) for name, value in parts.items()}
        asked_for = target.ravel()[asked]
        # Places are most of what is written, and their last bit is chance: they weigh half, so that kinds and ends are not drowned out.
        weight = np.where(self._tokens.is_place[asked_for], np.float32(.5), np.float32(1))
        arrays |= {"weight": weight, "ids": ids, "limits": limits, "at": np.flatnonzero(image.ravel()), "asked": asked, "target": asked_for}
        if even:
            empty = ids.size - 1        # the last row holds no sample
            for names, step in ((("patches", "column", "row", "at"), 2048), (("asked", "target", "weight"), 1024)):
                for name in names:
                    more = _up(len(arrays[name]), step) - len(arrays[name])
                    filling = {"at": empty, "asked": empty, "target": -100}.get(name, 0)
                    arrays[name] = np.pad(arrays[name], [(0, more)] + [(0, 0)] * (arrays[name].ndim - 1), constant_values=filling)
        return {name: torch.from_numpy(a) for name, a in arrays.items()} | {"scenes": len(samples)}


def _up(n, step):
    return -(-n // step) * step


class Batches(torch.utils.data.IterableDataset):
    """
    Training batches from about number `first` on, each a list of `parts` for as many threads to share out. They are made
    in groups of one canvas, sorted by length and cut into parts of about `tokens` / `parts` tokens, so that little is
    padding. A group's scenes follow from its number.
    """

    GROUP = 4

    def __init__(self, tokenizer, seed, first, ease, tokens, parts=4, even=False, teamwork=0):
        self._tokenizer, self._seed, self._first, self._ease, self._tokens, self._parts, self._even = tokenizer, seed, first, ease, tokens, parts, even
        self._teamwork = teamwork

    def __iter__(self):
        info = torch.utils.data.get_worker_info()
        worker, workers = (info.id, info.num_workers) if info else (0, 1)
        torch.set_num_threads(1)
        sampler = Sampler(self._tokenizer, [self._seed, worker, self._first])
        group = self._first // self.GROUP + worker
        while True:
            yield from self._make(sampler, group)
            group += workers

    def _make(self, sampler, group):
        rng = np.random.default_rng([self._seed, group])
        # Each part has its own canvas, so that every step sees several.
        made = []
        for _ in range(self._parts):
            most, grids = curriculum(min(1.0, group * self.GROUP / self._ease), rng)
            weights = np.array([g[2] for g in GRIDS[:grids]])
            grid = GRIDS[rng.choice(grids, p=weights / weights.sum())]
            average = grid[0] * grid[1] + 45 + 6 * most
            make = sampler.sample
            if grids > SMALL and rng.random() < self._teamwork:
                make, average = sampler.teamwork, average + 450
            samples = [make(rng, grid, most) for _ in range(self.GROUP * max(2, round(self._tokens / self._parts / average)))]
            samples.sort(key=lambda s: sampler.length(*s))
            cut = [samples[i * len(samples) // self.GROUP:(i + 1) * len(samples) // self.GROUP] for i in range(self.GROUP)]
            made.append([cut[i] for i in rng.permutation(self.GROUP)])
        for parts in zip(*made):
            yield [sampler.collate(part, self._even) for part in parts]
