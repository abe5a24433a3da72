"""Drawn objects: every kind the model knows, as small pictures with transparency.

A sprite is drawn at three times its size in a unit square (-1 ... 1 both ways), turned, shaded from one side, given a
little texture and cut to what is not transparent, so that its extent is the object's extent.
"""
import math

import numpy as np
from PIL import Image, ImageDraw

# Kilocalories a piece. What is not food stands on shelves.
ENERGY = {
    "apple": 95, "banana": 105, "egg": 78, "tomato": 22, "carrot": 25, "cheese": 113, "cookie": 160, "grapes": 62,
    "orange": 65, "lemon": 17, "strawberry": 5, "pear": 101, "bread": 80, "broccoli": 50, "donut": 250, "mushroom": 4,
}
FOOD = list(ENERGY)
THINGS = ["book", "cup", "plant", "clock", "ball", "box", "bottle", "lamp"]
KINDS = FOOD + THINGS

_PLURALS = {"grapes": "grapes", "tomato": "tomatoes", "cheese": "cheeses", "strawberry": "strawberries",
            "bread": "breads", "broccoli": "broccoli", "box": "boxes"}


def plural(kind, n=2):
    """The word for n of a kind."""
    return kind if n == 1 else _PLURALS.get(kind, kind + "s")


def only_plural(kind):
    """Whether one of a kind is spoken of as several: "Where are the grapes?"."""
    return kind == plural(kind) and kind.endswith("s")


SPRITE = 112      # pixels of a sprite's unit square
OVERSAMPLE = 3


class _Pen:
    """Draws in the unit square; sizes in the same unit."""

    def __init__(self, side):
        self.image = Image.new("RGBA", (side, side), (0, 0, 0, 0))
        self._draw = ImageDraw.Draw(self.image)
        self._half = side / 2

    def _at(self, x, y):
        # 0.92 leaves room, so that outlines are not cut.
        return self._half + x * self._half * 0.92, self._half + y * self._half * 0.92

    def _width(self, width):
        return max(1, int(width * self._half))

    def ellipse(self, x, y, rx, ry, fill, outline=None, width=0.0):
        (x0, y0), (x1, y1) = self._at(x - rx, y - ry), self._at(x + rx, y + ry)
        self._draw.ellipse([x0, y0, x1, y1], fill=fill, outline=outline, width=self._width(width) if outline else 0)

    def polygon(self, points, fill):
        self._draw.polygon([self._at(*p) for p in points], fill=fill)

    def line(self, points, fill, width):
        self._draw.line([self._at(*p) for p in points], fill=fill, width=self._width(width), joint="curve")

    def box(self, x0, y0, x1, y1, fill, radius=0.0):
        (a, b), (c, d) = self._at(x0, y0), self._at(x1, y1)
        self._draw.rounded_rectangle([a, b, c, d], radius=radius * self._half, fill=fill)


def _vary(rng, colour, by=14):
    return tuple(int(min(255, max(0, c + rng.integers(-by, by + 1)))) for c in colour)


def _pick(rng, *colours):
    return _vary(rng, colours[rng.integers(len(colours))])


def _apple(p, rng):
    skin = _pick(rng, (200, 35, 45), (125, 180, 55), (215, 90, 50))
    p.ellipse(-.28, .08, .66, .82, skin)
    p.ellipse(.28, .08, .66, .82, skin)
    p.line([(0, -.5), (.12, -.95)], (90, 60, 30), .1)
    p.ellipse(.36, -.76, .26, .13, _vary(rng, (65, 150, 60)))


def _banana(p, rng):
    skin = _pick(rng, (245, 210, 60), (230, 205, 80))
    bend = rng.uniform(.55, .8)
    outer = [(math.cos(t) * .98, math.sin(t) * .9 - .35) for t in np.linspace(.12, math.pi - .12, 24)]
    inner = [(math.cos(t) * .9, math.sin(t) * .9 * (1 - bend * .75) - .38) for t in np.linspace(math.pi - .12, .12, 24)]
    p.polygon(outer + inner, skin)
    for side in (-1, 1):
        p.ellipse(side * .93, -.3, .07, .09, (95, 70, 35))


def _egg(p, rng):
    if rng.random() < .6:
        white = [(math.cos(t) * (.86 + .1 * math.sin(3 * t + 1)), math.sin(t) * (.8 + .08 * math.cos(2 * t))) for t in np.linspace(0, 2 * math.pi, 40)]
        p.polygon(white, _vary(rng, (250, 250, 244), 4))
        p.ellipse(.05, .02, .4, .38, _vary(rng, (250, 180, 35)))
    else:
        p.ellipse(0, 0, .72, .95, (228, 200, 160))
        p.ellipse(0, 0, .66, .9, _vary(rng, (252, 250, 242), 3))
        p.ellipse(0, .16, .36, .38, _vary(rng, (250, 185, 45)))


def _tomato(p, rng):
    p.ellipse(0, .05, .95, .84, _vary(rng, (222, 58, 38)))
    for a in range(5):
        t = a * 2 * math.pi / 5 - 1.57
        p.polygon([(0, -.08), (.55 * math.cos(t - .22), -.08 + .55 * math.sin(t - .22)), (.62 * math.cos(t), -.08 + .62 * math.sin(t))], (45, 130, 52))


def _carrot(p, rng):
    wide = rng.uniform(.32, .45)
    for x in (-.3, 0, .3):
        p.line([(0, -.5), (x, -.98)], _vary(rng, (55, 150, 60)), .12)
    p.polygon([(-wide, -.52), (wide, -.52), (.06, .97), (-.06, .97)], _vary(rng, (238, 128, 32)))
    for y in (-.25, .05, .4):
        p.line([(-wide * .6, y), (-wide * .1, y)], (205, 100, 20), .04)


def _cheese(p, rng):
    top = _vary(rng, (250, 208, 85))
    p.polygon([(-.95, .05), (.95, .05), (.95, .65), (-.95, .65)], tuple(int(c * .9) for c in top))
    p.polygon([(-.95, .05), (.95, .05), (.55, -.68)], top)
    for x, y, r in ((.25, -.18, .15), (-.35, .38, .13), (.5, .36, .17), (.05, .3, .08)):
        p.ellipse(x, y, r, r * .85, (208, 152, 40))


def _cookie(p, rng):
    p.ellipse(0, 0, .95, .95, _vary(rng, (192, 138, 78)))
    for _ in range(int(rng.integers(5, 9))):
        t, r = rng.uniform(0, 6.28), rng.uniform(0, .7)
        p.ellipse(r * math.cos(t), r * math.sin(t), .13, .12, _vary(rng, (78, 48, 28), 8))


def _grapes(p, rng):
    skin = _pick(rng, (115, 60, 150), (140, 175, 70), (95, 35, 75))
    edge = tuple(int(c * .7) for c in skin)
    p.line([(0, -.6), (.1, -.98)], (100, 75, 40), .09)
    for y, n in ((-.55, 3), (-.15, 4), (.22, 3), (.55, 2), (.75, 1)):
        for i in range(n):
            p.ellipse((i - (n - 1) / 2) * .46, y, .26, .25, skin, edge, .03)


def _orange(p, rng):
    p.ellipse(0, 0, .95, .95, _vary(rng, (240, 145, 30)))
    for _ in range(22):
        t, r = rng.uniform(0, 6.28), rng.uniform(0, .85)
        p.ellipse(r * math.cos(t), r * math.sin(t), .03, .03, (222, 122, 20))
    p.ellipse(0, -.2, .1, .08, (110, 120, 40))


def _lemon(p, rng):
    skin = _vary(rng, (248, 226, 60))
    p.ellipse(0, 0, .78, .58, skin)
    for side in (-1, 1):
        p.ellipse(side * .78, 0, .19, .16, skin)


def _strawberry(p, rng):
    body = [(-.78, -.4), (-.5, -.68), (0, -.6), (.5, -.68), (.78, -.4), (.62, .2), (0, .98), (-.62, .2)]
    p.polygon(body, _vary(rng, (215, 35, 55)))
    for x, y in ((-.4, -.25), (0, -.2), (.4, -.25), (-.2, .1), (.22, .1), (0, .45)):
        p.ellipse(x, y, .05, .07, (245, 215, 130))
    for x in (-.45, 0, .45):
        p.polygon([(0, -.85), (x - .18, -.5), (x + .18, -.5)], _vary(rng, (60, 145, 60)))


def _pear(p, rng):
    skin = _pick(rng, (195, 205, 80), (170, 190, 70), (215, 190, 90))
    p.line([(0, -.7), (.1, -.98)], (90, 60, 30), .1)
    p.ellipse(0, -.42, .36, .42, skin)
    p.ellipse(0, .35, .68, .62, skin)
    p.polygon([(-.35, -.4), (.35, -.4), (.62, .2), (-.62, .2)], skin)


def _bread(p, rng):
    crust, crumb = _vary(rng, (160, 100, 50)), _vary(rng, (238, 214, 168), 8)
    p.box(-.85, -.55, .85, .9, crust, .18)
    p.ellipse(-.42, -.5, .5, .42, crust)
    p.ellipse(.42, -.5, .5, .42, crust)
    p.box(-.7, -.48, .7, .76, crumb, .14)
    p.ellipse(-.38, -.46, .38, .3, crumb)
    p.ellipse(.38, -.46, .38, .3, crumb)


def _broccoli(p, rng):
    p.polygon([(-.2, .1), (.2, .1), (.26, .97), (-.26, .97)], _vary(rng, (165, 200, 110)))
    for _ in range(3):
        for x, y, r in ((-.5, -.1, .4), (.5, -.1, .4), (0, -.5, .45), (-.3, -.45, .36), (.32, -.42, .36), (0, -.05, .4)):
            p.ellipse(x + rng.uniform(-.08, .08), y + rng.uniform(-.06, .06), r * rng.uniform(.7, 1), r * rng.uniform(.7, 1), _vary(rng, (60, 130, 55), 18))


def _donut(p, rng):
    p.ellipse(0, 0, .95, .95, _vary(rng, (205, 150, 90)))
    p.ellipse(0, 0, .85, .85, _pick(rng, (240, 150, 185), (95, 55, 40), (245, 240, 230)))
    for _ in range(16):
        t, r = rng.uniform(0, 6.28), rng.uniform(.48, .75)
        x, y, a = r * math.cos(t), r * math.sin(t), rng.uniform(0, 3.14)
        p.line([(x, y), (x + .1 * math.cos(a), y + .1 * math.sin(a))], _pick(rng, (250, 230, 80), (90, 190, 220), (240, 70, 80), (255, 255, 255)), .05)
    p.ellipse(0, 0, .34, .34, _vary(rng, (195, 138, 80)))
    p.ellipse(0, .02, .28, .28, (0, 0, 0, 0))


def _mushroom(p, rng):
    cap = _pick(rng, (205, 175, 140), (180, 130, 95))
    p.box(-.28, 0, .28, .95, _vary(rng, (240, 230, 212), 6), .16)
    p.polygon([(math.cos(t) * .95, -math.sin(t) * .85 + .12) for t in np.linspace(0, math.pi, 24)], cap)
    p.ellipse(0, .12, .95, .14, tuple(int(c * .8) for c in cap))


def _book(p, rng):
    cover = _pick(rng, (180, 50, 50), (50, 90, 160), (60, 130, 80), (120, 70, 130), (60, 60, 70))
    p.box(-.62, -.95, .62, .95, cover, .05)
    p.box(-.62, -.95, -.42, .95, tuple(int(c * .7) for c in cover))
    p.box(-.2, -.6, .42, -.25, _vary(rng, (235, 225, 200)))
    p.line([(.58, -.9), (.58, .9)], (240, 236, 225), .05)


def _cup(p, rng):
    glaze = _pick(rng, (235, 235, 235), (70, 130, 180), (200, 80, 70), (90, 160, 120))
    p.ellipse(.62, 0, .34, .4, None, glaze, .13)
    p.polygon([(-.72, -.65), (.62, -.65), (.48, .85), (-.58, .85)], glaze)
    p.ellipse(-.05, -.65, .67, .2, tuple(int(c * .85) for c in glaze))
    p.ellipse(-.05, -.63, .56, .14, (70, 45, 30))


def _plant(p, rng):
    for a in np.linspace(-1.1, 1.1, 7):
        x, y = math.sin(a), -math.cos(a)
        p.polygon([(0, .25), (x * .5 - .16, .15 + y * .6), (x * .85, .15 + y * 1.08), (x * .5 + .16, .2 + y * .6)], _vary(rng, (65, 140, 70), 18))
    p.polygon([(-.5, .2), (.5, .2), (.36, .97), (-.36, .97)], _pick(rng, (190, 100, 65), (220, 215, 205)))


def _clock(p, rng):
    p.ellipse(0, 0, .96, .96, _pick(rng, (60, 60, 65), (170, 60, 50), (190, 150, 80)))
    p.ellipse(0, 0, .8, .8, (245, 245, 240))
    for t in range(12):
        a = t * math.pi / 6
        p.ellipse(.66 * math.cos(a), .66 * math.sin(a), .05, .05, (50, 50, 55))
    for length, width in ((.58, .06), (.38, .09)):
        a = rng.uniform(0, 6.28)
        p.line([(0, 0), (length * math.cos(a), length * math.sin(a))], (30, 30, 35), width)


def _ball(p, rng):
    first = _pick(rng, (220, 50, 60), (50, 110, 200), (60, 160, 90))
    p.ellipse(0, 0, .95, .95, (246, 246, 246))
    for a in range(3):
        t = a * 2 * math.pi / 3
        arc = [(.95 * math.cos(t + s), .95 * math.sin(t + s)) for s in np.linspace(0, math.pi / 3, 8)]
        p.polygon([(0, 0)] + arc, first)


def _box(p, rng):
    card = _vary(rng, (190, 145, 95))
    p.box(-.92, -.35, .92, .85, card)
    p.polygon([(-.92, -.35), (-.6, -.8), (.6, -.8), (.92, -.35)], tuple(int(c * .82) for c in card))
    p.box(-.14, -.35, .14, .85, (222, 200, 160))
    p.polygon([(-.14, -.35), (-.1, -.8), (.1, -.8), (.14, -.35)], (205, 182, 142))


def _bottle(p, rng):
    glass = _pick(rng, (50, 110, 70), (120, 70, 40), (90, 150, 190))
    p.box(-.14, -.97, .14, -.2, glass, .05)
    p.box(-.38, -.35, .38, .97, glass, .18)
    p.box(-.36, .1, .36, .6, _vary(rng, (238, 230, 210), 8))
    p.box(-.16, -.98, .16, -.84, (180, 150, 90), .03)


def _lamp(p, rng):
    shade = _pick(rng, (245, 225, 170), (220, 120, 90), (150, 185, 200))
    p.line([(0, -.2), (0, .85)], (90, 80, 70), .1)
    p.ellipse(0, .86, .46, .11, (90, 80, 70))
    p.polygon([(-.4, -.95), (.4, -.95), (.8, .05), (-.8, .05)], shade)


# How far a kind may be turned, degrees to either side: a cup on a shelf stands upright.
_TURN = {kind: 180 for kind in FOOD} | {kind: 4 for kind in THINGS} | {"ball": 180, "clock": 4}


def draw(kind, rng):
    """One sprite: RGBA bytes [h, w, 4], cut to its extent, longest side about SPRITE."""
    pen = _Pen(SPRITE * OVERSAMPLE)
    globals()["_" + kind](pen, rng)
    squeeze = rng.uniform(.86, 1.0)
    side = SPRITE * OVERSAMPLE
    image = pen.image.resize((side, max(1, int(side * squeeze))), Image.BILINEAR) if rng.random() < .5 else pen.image
    turn = _TURN[kind]
    image = image.rotate(rng.uniform(-turn, turn) if rng.random() < .75 else rng.uniform(-8, 8), Image.BILINEAR, expand=True)
    image = image.reduce(OVERSAMPLE)
    pixels = np.asarray(image).astype(np.float32)
    rows, columns = np.flatnonzero(pixels[..., 3].max(1) > 96), np.flatnonzero(pixels[..., 3].max(0) > 96)
    pixels = pixels[rows[0]:rows[-1] + 1, columns[0]:columns[-1] + 1]
    return _shade(pixels, rng)


def _shade(pixels, rng):
    """Light from one side, with a soft highlight, and grain."""
    h, w = pixels.shape[:2]
    y, x = np.mgrid[0:h, 0:w].astype(np.float32)
    x, y = x / max(1, w - 1) * 2 - 1, y / max(1, h - 1) * 2 - 1
    a = rng.uniform(-2.4, -.7)
    fall = rng.uniform(.08, .26)
    light = 1 + fall * (x * math.cos(a) + y * math.sin(a))
    highlight = np.exp(-((x - .45 * math.cos(a)) ** 2 + (y - .45 * math.sin(a)) ** 2) / .09) * rng.uniform(0, 46)
    grain = rng.normal(0, rng.uniform(1, 5), (h, w)).astype(np.float32)
    pixels[..., :3] = np.clip(pixels[..., :3] * light[..., None] + highlight[..., None] + grain[..., None], 0, 255)
    return pixels.astype(np.uint8)


class SpriteBank:
    """Ready sprites of every kind; each use may renew one, so that a long run never sees the same set twice."""

    def __init__(self, seed, variants=12):
        self._rng = np.random.default_rng(seed)
        self._sprites = {kind: [Image.fromarray(draw(kind, self._rng)) for _ in range(variants)] for kind in KINDS}

    def take(self, kind, rng):
        return self._sprites[kind][rng.integers(len(self._sprites[kind]))]

    def renew(self):
        kind = KINDS[self._rng.integers(len(KINDS))]
        slot = self._rng.integers(len(self._sprites[kind]))
        self._sprites[kind][slot] = Image.fromarray(draw(kind, self._rng))
