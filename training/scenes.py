"""Procedural scenes with ground truth: tables, shelves and charts.

Everything is drawn from a seeded generator; boxes come from the sprites' own extents. Coordinates of boxes are fractions
of the picture: top, left, bottom, right.
"""
import math
from dataclasses import dataclass, field

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from sprites import FOOD, THINGS, SpriteBank, SPRITE

COLOURS = {"red": (205, 55, 50), "blue": (55, 105, 195), "green": (65, 150, 80), "yellow": (235, 200, 60),
           "purple": (130, 75, 165), "orange": (235, 140, 45), "pink": (235, 140, 175), "black": (50, 50, 55)}
LETTERS = list("ABCDEFGH")
_SHADOW = [int(a * .42) for a in range(256)]   # how dark a shadow is under a given opacity


@dataclass
class Thing:
    """Something in a scene. `value` is a chart mark's reading."""
    kind: str
    box: tuple
    value: int | None = None

    @property
    def centre(self):
        return (self.box[0] + self.box[2]) / 2, (self.box[1] + self.box[3]) / 2

    @property
    def area(self):
        return (self.box[2] - self.box[0]) * (self.box[3] - self.box[1])


@dataclass
class Scene:
    """A picture (uint8 [h, w, 3]) and what is in it, in reading order."""
    image: np.ndarray
    style: str                      # table, shelf, bars or line
    things: list = field(default_factory=list)


class SceneMaker:
    """Draws scenes. One per process: it keeps sprites and grounds ready, which is what takes the time."""

    def __init__(self, seed, variants=12, grounds=24):
        seed = [seed] if isinstance(seed, int) else seed
        rng = np.random.default_rng([*seed, 1])
        self._bank = SpriteBank([*seed, 2], variants)
        self._grounds = [_ground(rng) for _ in range(grounds)]

    def make(self, rng, size=(192, 192), most=6, style=None, kinds=None):
        """A scene of `size` (width, height) with 1 to `most` things; on a table, of `kinds` where those are given."""
        style = style or rng.choice(["table", "shelf", "bars", "line"], p=[.62, .16, .16, .06])
        if rng.random() < .05:
            self._bank.renew()
        return self._table(rng, size, most, kinds) if style == "table" else getattr(self, "_" + style)(rng, size, most)

    # Tables and shelves.

    def _table(self, rng, size, most, kinds=None):
        w, h = size
        canvas = self._ground(rng, size)
        if rng.random() < .6:
            _plates(canvas, rng)
        _distractors(canvas, rng)
        n = int(rng.integers(1, most + 1))
        pool = rng.choice(kinds or (FOOD if rng.random() < .93 else FOOD + THINGS), int(rng.integers(1, min(5, n) + 1)), replace=False)
        short = min(w, h)
        spots, tight = [], .72 if rng.random() < .35 else 1.02
        # Crowded scenes have smaller things.
        largest = .15 if n <= 4 else .125
        for _ in range(n):
            for _ in range(30):
                r = rng.uniform(.075, largest) * short
                x, y = rng.uniform(r, w - r), rng.uniform(r, h - r)
                if all(math.hypot(x - a, y - b) > (r + c) * tight for a, b, c in spots):
                    spots.append((x, y, r))
                    break
        light = (rng.uniform(-.12, .12), rng.uniform(.02, .14))
        things = [self._place(canvas, rng, str(rng.choice(pool)), *spot, light) for spot in spots]
        return _finish(canvas, rng, "table", things)

    def _shelf(self, rng, size, most):
        w, h = size
        canvas = self._wall(rng, size)
        boards = int(rng.integers(2, 4)) if h >= w * .8 else 2
        draw = ImageDraw.Draw(canvas)
        wood = tuple(int(c) for c in np.array([(150, 105, 65), (95, 70, 50), (215, 205, 190)][rng.integers(3)]) + rng.integers(-15, 16, 3))
        thick = max(3, int(h * .025))
        levels = [int(h * (i + 1) / boards) - thick - int(h * .02) for i in range(boards)]
        for y in levels:
            draw.rectangle([0, y, w, y + thick], fill=wood)
            draw.rectangle([0, y + thick, w, y + thick + thick // 2], fill=tuple(int(c * .6) for c in wood))
        n = int(rng.integers(1, most + 1))
        pool = rng.choice(THINGS if rng.random() < .7 else THINGS + FOOD, int(rng.integers(1, min(5, n) + 1)), replace=False)
        room = h / boards
        columns = max(2, int(w / (room * .62)))
        slots = [(c, b) for b in range(boards) for c in range(columns)]
        things = []
        for i in rng.permutation(len(slots))[:n]:
            column, board = slots[i]
            r = rng.uniform(.2, .36) * min(room, w / columns * 1.25)
            x = (column + .5 + rng.uniform(-.16, .16)) * w / columns
            things.append(self._place(canvas, rng, str(rng.choice(pool)), x, levels[board], r, None))
        return _finish(canvas, rng, "shelf", things)

    def _place(self, canvas, rng, kind, x, y, r, light):
        """Puts a sprite on the canvas: centred at (x, y), or standing on y where there is no light from the side."""
        sprite = self._bank.take(kind, rng)
        scale = 2 * r / SPRITE
        w, h = max(4, round(sprite.width * scale)), max(4, round(sprite.height * scale))
        sprite = sprite.resize((w, h), Image.BILINEAR, reducing_gap=2.0)
        left = round(x - w / 2)
        top = round(y - h / 2) if light else round(y - h)
        left, top = min(max(0, left), canvas.width - w), min(max(0, top), canvas.height - h)
        alpha = sprite.getchannel("A")
        if light:
            margin = max(3, round(r * .2))
            soft = Image.new("L", (w + 2 * margin, h + 2 * margin), 0)
            soft.paste(alpha.point(_SHADOW), (margin, margin))
            soft = soft.resize((max(2, soft.width // margin), max(2, soft.height // margin)), Image.BOX).resize(soft.size, Image.BICUBIC)
            canvas.paste((15, 12, 10), (left - margin + int(light[0] * r * 2), top - margin + int(light[1] * r * 2)), soft)
        canvas.paste(sprite, (left, top), alpha)
        return Thing(kind, (top / canvas.height, left / canvas.width, (top + h) / canvas.height, (left + w) / canvas.width))

    def _ground(self, rng, size):
        ground = self._grounds[rng.integers(len(self._grounds))]
        side = ground.width
        cut = int(rng.integers(side // 2, side))
        x, y = rng.integers(0, side - cut + 1, 2)
        canvas = ground.resize(size, Image.BILINEAR, box=(int(x), int(y), int(x) + cut, int(y) + cut))
        return canvas.transpose(Image.FLIP_LEFT_RIGHT) if rng.random() < .5 else canvas

    def _wall(self, rng, size):
        if rng.random() < .3:
            return self._ground(rng, size)
        a, b = (np.array(c, np.float32) for c in (rng.integers(90, 245, 3), rng.integers(90, 245, 3)))
        t = np.linspace(0, 1, size[1], dtype=np.float32)[:, None, None]
        rows = (a * (1 - t * .35) + b * t * .35).clip(0, 255).astype(np.uint8)
        return Image.fromarray(np.ascontiguousarray(np.broadcast_to(rows, (size[1], size[0], 3))))

    # Charts.

    def _bars(self, rng, size, most):
        return self._chart(rng, size, most, bars=True)

    def _line(self, rng, size, most):
        return self._chart(rng, size, most, bars=False)

    def _chart(self, rng, size, most, bars):
        """Bars named by colour or letter, or a line over letters; values 0 to 10 read off grid lines or printed marks."""
        w, h = size
        dark = rng.random() < .2
        paper = tuple(rng.integers(18, 50, 3).tolist()) if dark else tuple(rng.integers(232, 256, 3).tolist())
        ink = (215, 215, 220) if dark else (60, 60, 70)
        canvas = Image.new("RGB", size, paper)
        draw = ImageDraw.Draw(canvas)
        n = int(rng.integers(2, min(6, max(3, most)) + 1))
        names = [str(c) for c in rng.choice([c for c in COLOURS if not (dark and c == "black")], n, replace=False)] if bars and rng.random() < .6 else LETTERS[:n]
        values = [int(v) for v in rng.integers(1, 11, n)]
        left, right, top, bottom = .13 * w, .97 * w, rng.uniform(.07, .14) * h, rng.uniform(.84, .9) * h
        level = lambda v: bottom - (bottom - top) * v / 10
        for v in range(0, 11, 1 if rng.random() < .7 else 2):
            faint = tuple((p * 3 + i) // 4 for p, i in zip(paper, ink))
            draw.line([left, level(v), right, level(v)], fill=ink if v == 0 else faint, width=1)
            if v % 5 == 0 or (v % 2 == 0 and h >= 220):
                _write(canvas, str(v), left * .5, level(v), h * .05, ink)
        draw.line([left, top, left, bottom], fill=ink, width=1)
        step = (right - left) / n
        printed = rng.random() < .5
        same = COLOURS[str(rng.choice(list(COLOURS)[:7]))]
        marks, points = [], []
        for i, (name, value) in enumerate(zip(names, values)):
            x = left + (i + .5) * step
            y = level(value)
            if bars:
                half = step * rng.uniform(.28, .4)
                colour = COLOURS.get(name, same)
                draw.rectangle([x - half, y, x + half, bottom], fill=tuple(int(np.clip(c + rng.integers(-14, 15), 0, 255)) for c in colour))
                marks.append(Thing(name, (y / h, (x - half) / w, bottom / h, (x + half) / w), value))
            else:
                r = max(2.5, h * .018)
                points.append((x, y, r))
                marks.append(Thing(name, ((y - r) / h, (x - r) / w, (y + r) / h, (x + r) / w), value))
            if printed:
                _write(canvas, str(value), x, y - h * .038, h * .055, ink)
            if name not in COLOURS:
                _write(canvas, name, x, bottom + h * .055, h * .065, ink)
        if points:
            draw.line([p[:2] for p in points], fill=same, width=max(2, h // 90))
            for x, y, r in points:
                draw.ellipse([x - r, y - r, x + r, y + r], fill=same, outline=ink)
        return Scene(np.asarray(canvas), "bars" if bars else "line", marks)


def crop(scene, rng, size):
    """A close-up of part of a table or shelf: what lies at least half inside stays, with its boxes cut."""
    side = rng.uniform(.45, .7)
    y, x = rng.uniform(0, 1 - side, 2)
    h, w = scene.image.shape[:2]
    picture = Image.fromarray(scene.image).resize(size, Image.BILINEAR, box=(x * w, y * h, (x + side) * w, (y + side) * h))
    things = []
    for t in scene.things:
        top, left, bottom, right = ((v - o) / side for v, o in zip(t.box, (y, x, y, x)))
        cut = Thing(t.kind, tuple(min(1.0, max(0.0, v)) for v in (top, left, bottom, right)))
        kept = cut.area / max(1e-9, (bottom - top) * (right - left))
        if kept >= .5:
            things.append(cut)
        elif kept > .12:
            return None           # neither clearly in nor out
    return Scene(np.asarray(picture), scene.style, sort(things)) if things else None


def sort(things):
    """Reading order: quarter by quarter from the top, from the left within one."""
    return sorted(things, key=lambda t: (int(t.centre[0] * 4), t.centre[1]))


def _finish(canvas, rng, style, things):
    """Overall light, a little noise, reading order."""
    pixels = np.asarray(canvas).astype(np.float32) * rng.uniform(.82, 1.1) + rng.uniform(-8, 8, 3).astype(np.float32)
    if rng.random() < .5:
        t = np.linspace(-1, 1, pixels.shape[1], dtype=np.float32)[None, :, None]
        pixels *= 1 + rng.uniform(-.14, .14) * t
    if rng.random() < .4:
        pixels += rng.standard_normal(pixels.shape[:2], np.float32)[..., None] * rng.uniform(1, 6)
    return Scene(pixels.clip(0, 255).astype(np.uint8), style, sort(things))


def _noise(rng, side, cells, stretch=1):
    """Smooth noise of about unit spread."""
    small = rng.standard_normal((cells, max(2, cells // stretch))).astype(np.float32)
    return np.asarray(Image.fromarray(small).resize((side, side), Image.BICUBIC))


def _ground(rng, side=448):
    """A table top: wood, cloth, stone, speckle or plain."""
    base = np.array([(196, 164, 132), (222, 205, 180), (120, 135, 150), (90, 110, 95), (235, 235, 235), (160, 120, 90), (70, 60, 55), (205, 120, 100), (150, 175, 200)][rng.integers(9)], np.float32)
    base = (base + rng.uniform(-20, 20, 3)).astype(np.float32)
    tone = np.zeros((side, side), np.float32)
    style = rng.integers(6)
    if style == 0:      # boards with grain
        tone = _noise(rng, side, 120, 24) * 7 + _noise(rng, side, 30, 8) * 8
        for x in range(0, side, int(rng.integers(60, 120))):
            tone[x:x + 2] -= 28
        tone = tone.T if rng.random() < .5 else tone
    elif style == 1:    # checked or striped cloth
        period, on = rng.integers(18, 60), rng.uniform(8, 26)
        stripes = ((np.arange(side) // period) % 2).astype(np.float32) * on
        tone = stripes[:, None] + (stripes[None] if rng.random() < .6 else 0) + rng.standard_normal((side, side)).astype(np.float32) * 3
    elif style == 2:    # stone with veins
        tone = _noise(rng, side, 6) * 9 + _noise(rng, side, 24) * 6 - 26 * np.exp(-(_noise(rng, side, 5) / .06) ** 2)
    elif style == 3:    # speckle
        tone = _noise(rng, side, 150) * 9
    elif style == 4:    # soft patches of light
        tone = _noise(rng, side, 3) * 18
    y, x = np.mgrid[-1:1:side * 1j, -1:1:side * 1j].astype(np.float32)
    tone = tone - rng.uniform(0, 16) * (x * x + y * y)
    tint = rng.uniform(.8, 1.2, 3).astype(np.float32)
    return Image.fromarray((base + tone[..., None] * tint).clip(0, 255).astype(np.uint8))


def _plates(canvas, rng):
    """One plate, or two on a wide table."""
    w, h = canvas.size
    draw = ImageDraw.Draw(canvas)
    middles = [(w / 2, h / 2)] if max(w, h) < 1.3 * min(w, h) else ([(w * .27, h / 2), (w * .73, h / 2)] if w > h else [(w / 2, h * .27), (w / 2, h * .73)])
    colour = np.array([(246, 246, 248), (238, 232, 220), (175, 195, 210), (90, 95, 100)][rng.choice(4, p=[.6, .2, .12, .08])]) + rng.integers(-8, 6, 3)
    r = rng.uniform(.4, .48) * (min(w, h) if len(middles) == 1 else min(w, h, max(w, h) * .66) * .84)
    for x, y in middles:
        for part, shade in ((1.0, .86), (.97, 1.0), (.7, .95), (.68, 1.0)):
            draw.ellipse([x - r * part, y - r * part, x + r * part, y + r * part], fill=tuple(int(min(255, max(0, c * shade))) for c in colour))


def _distractors(canvas, rng):
    """Cutlery, napkins and crumbs: things the model has no word for and must not count."""
    w, h = canvas.size
    draw = ImageDraw.Draw(canvas)
    if rng.random() < .18:
        x, y, s = rng.uniform(0, w), rng.uniform(0, h), rng.uniform(.12, .22) * min(w, h)
        a = rng.uniform(0, 1.57)
        draw.polygon([(x + s * math.cos(a + k * 1.57), y + s * math.sin(a + k * 1.57)) for k in range(4)], fill=tuple(rng.integers(120, 245, 3).tolist()))
    if rng.random() < .25:
        x, metal = (rng.uniform(.01, .05) if rng.random() < .5 else rng.uniform(.95, .99)) * w, (190, 192, 198)
        draw.line([x, h * .25, x, h * .8], fill=metal, width=max(2, w // 70))
        draw.ellipse([x - w * .02, h * .17, x + w * .02, h * .3], fill=metal)
    if rng.random() < .2:
        for _ in range(int(rng.integers(4, 14))):
            x, y = rng.uniform(0, w), rng.uniform(0, h)
            draw.ellipse([x - 1, y - 1, x + 1, y + 1], fill=(120, 85, 50))


# The bitmap font: newer Pillows have another as their default, which would make other pictures.
_FONT = getattr(ImageFont, "load_default_imagefont", ImageFont.load_default)()
_GLYPHS = {}


def _write(canvas, text, x, y, height, ink):
    """A few letters, centred."""
    mask = _GLYPHS.get(text)
    if mask is None:
        mask = Image.new("L", (40, 16), 0)
        ImageDraw.Draw(mask).text((2, 2), text, font=_FONT, fill=255)
        mask = _GLYPHS[text] = mask.crop(mask.getbbox())
    h = max(5, round(height))
    w = max(2, round(mask.width * h / mask.height))
    mask = mask.resize((w, h), Image.BILINEAR)
    canvas.paste(ink, (round(x - w / 2), round(y - h / 2)), mask)
