"""What is asked of a scene and what a good answer says.

An exchange is a list of (role, text) turns after the picture. Answers open with what is seen, box by box, so that every
question trains seeing; then a short step of reasoning; then the answer.
"""
import json
from dataclasses import dataclass

from scenes import COLOURS, LETTERS
from sprites import ENERGY, KINDS, only_plural, plural

LOC_STEP = 16     # of 1024


def loc(v):
    """The token of a coordinate, 0 ... 1."""
    return "<loc%04d>" % (min(1023, max(0, int(v * 1024))) // LOC_STEP * LOC_STEP)


def loc_box(thing):
    return "".join(loc(v) for v in thing.box)


@dataclass
class Exchange:
    """Turns about a scene. `answer` is what is scored; `system` is None for no system turn."""
    ability: str
    turns: list
    answer: str
    system: str | None = None


# Ways of looking: the words after a question that change the order in which things are named, not the answer.
ORDERS = {
    "right": (["Look from right to left.", "Start at the right.", "You scan from the right side."], lambda t: (-t.centre[1],)),
    "bottom": (["Start at the bottom.", "Look from the bottom up.", "You scan from below."], lambda t: (-int(t.centre[0] * 4), t.centre[1])),
    "kind": (["Go kind by kind.", "Group by kind.", "Take one kind after another."], lambda t: (t.kind, int(t.centre[0] * 4), t.centre[1])),
    "size": (["Start with the largest.", "Look at large things first.", "Go by size."], lambda t: (-t.area,)),
    "left": (["Look from left to right.", "Start at the left.", "You scan from the left side."], lambda t: (t.centre[1],)),
}
PERSONAS = [
    "You are a careful observer.", "You are the counter of the team.", "Be sceptical and check twice.", "Think step by step.",
    "You are a quick observer.", "Take your time.", "Answer on your own.", "Check the edges of the picture.",
    "Things may overlap.", "You are an inspector.", "Look closely.", "Work carefully.", "Answer only what is asked.",
    "You are the first reader.", "You are the second reader.", "Mind small things.",
]
SYSTEMS = [
    "You are a helpful assistant.", "You are a careful observer.", "Think step by step.", "You are an agent on a team. Answer on your own.",
    "You are a nutrition helper.", "Answer briefly.", "You look at pictures and answer questions.",
]
NUTRITION = ["You can call the tools nutrition and calculator.", "Tools: nutrition, calculator.", "Use nutrition to look up energy and calculator to add it up."]
CANT_TELL = "I can't tell"


def counts(things):
    tally = {}
    for t in things:
        tally[t.kind] = tally.get(t.kind, 0) + 1
    return dict(sorted(tally.items()))


def listing(things):
    return ", ".join(f"{n} {plural(k, n)}" for k, n in counts(things).items())


def see(things, where=""):
    """The opening of a thought: everything seen, with boxes, and a chart's readings."""
    parts = [f"{t.kind}{loc_box(t)}" + ("" if t.value is None else f" {t.value}") for t in things]
    return f"<think>I see {where}" + "; ".join(parts) + "."


def think(things, steps="", where=""):
    return see(things, where) + (" " + steps if steps else "") + "</think>"


def tool_call(name, **arguments):
    return "<tool_call>" + json.dumps({"name": name, "arguments": arguments}, separators=(",", ":")) + "</tool_call>"


def _one(rng, items):
    return items[int(rng.integers(len(items)))]


def _singles(things):
    tally = counts(things)
    return [t for t in things if tally[t.kind] == 1]


def _absent(rng, things, among=None):
    here = {t.kind for t in things}
    return _one(rng, [k for k in among or KINDS if k not in here])


# Each maker returns (question, thought's steps, answer) or None where the scene does not allow it.

def _describe(rng, things):
    q = _one(rng, ["What is on the table?", "What do you see?", "Describe the picture.", "List the items.", "What food is here?", "What is in the picture?",
                   "Describe what you see.", "Name everything you see.", "List everything.", "What is here?", "Make a list of the items.", "What can you see?"])
    return q, "", listing(things)


def _count(rng, things):
    kind = _one(rng, things).kind if rng.random() < .82 else _one(rng, KINDS)
    n = counts(things).get(kind, 0)
    q = _one(rng, ["How many {} are there?", "How many {} do you see?", "Count the {}.", "How many {} are in the picture?", "How many {}?",
                   "What is the number of {}?", "Count all {}.", "How many {} can you count?", "How many {} are on the table?"])
    return q.format(plural(kind)), f"{plural(kind)}: {n}.", str(n)


def _count_all(rng, things):
    q = _one(rng, ["How many items are there?", "How many things are there in total?", "Count all the items.", "How many objects do you see?", "Count everything.",
                   "How many things are in the picture?", "What is the total number of items?", "How many items in total?"])
    return q, f"items: {len(things)}.", str(len(things))


def _locate(rng, things):
    absent = rng.random() < .12
    kind = _absent(rng, things) if absent else _one(rng, things).kind
    # Mostly in the number that is there; the words must not give it away.
    many = counts(things).get(kind, 0) > 1 if rng.random() < .7 else rng.random() < .5
    if many or only_plural(kind):
        q = _one(rng, ["Where are the {}?", "Find the {}.", "Point to the {}.", "Locate the {}.", "Show me the {}.", "Mark all {}.", "Box the {}."]).format(plural(kind))
    else:
        q = _one(rng, ["Where is the {}?", "Find the {}.", "Point to the {}.", "Locate every {}.", "Show me the {}.", "Mark every {}.", "Box the {}."]).format(kind)
    if absent:
        return q, f"{plural(kind)}: 0.", CANT_TELL
    return q, "", " ; ".join(f"{loc_box(t)} {kind}" for t in things if t.kind == kind)


def _boxes(rng, things):
    """Boxes as JSON, coordinates 0 ... 1023."""
    kind = _one(rng, things).kind
    found = [t for t in things if t.kind == kind][:4]
    q = _one(rng, ["Give the boxes of the {} as JSON.", "Return JSON boxes for all {}.", "Locate the {} as JSON."]).format(plural(kind))
    number = lambda v: min(1023, max(0, int(v * 1024))) // LOC_STEP * LOC_STEP
    return q, "", json.dumps([{"label": kind, "box_2d": [number(v) for v in t.box]} for t in found], separators=(",", ":"))


def _extreme(rng, things):
    if len(things) < 2:
        return None
    words = {
        "furthest left": lambda t: -t.centre[1], "furthest right": lambda t: t.centre[1], "at the top": lambda t: -t.centre[0],
        "at the bottom": lambda t: t.centre[0], "largest": lambda t: t.area, "smallest": lambda t: -t.area,
    }
    word = _one(rng, list(words))
    ranked = sorted(things, key=words[word], reverse=True)
    gap = abs(words[word](ranked[0]) - words[word](ranked[1]))
    if ranked[0].kind != ranked[1].kind and gap < (.05 if "est" not in word or "furthest" in word else .12 * ranked[0].area):
        return None
    q = _one(rng, ["Which item is {}?", "What is {}?", "Which thing is {}?"]).format("the " + word if word in ("largest", "smallest") else word)
    return q, f"{word}: {ranked[0].kind}.", ranked[0].kind


def _nearest(rng, things):
    singles = _singles(things)
    if not singles or len(things) < 3:
        return None
    a = _one(rng, singles)
    apart = lambda t: ((t.centre[0] - a.centre[0]) ** 2 + (t.centre[1] - a.centre[1]) ** 2) ** .5
    others = sorted((t for t in things if t is not a), key=apart)
    if others[0].kind != others[1].kind and apart(others[1]) < apart(others[0]) * 1.15 + .02:
        return None
    q = _one(rng, ["What is nearest to the {}?", "Which item is closest to the {}?", "What is next to the {}?"]).format(a.kind)
    return q, f"nearest to {a.kind}: {others[0].kind}.", others[0].kind


def _side(rng, things):
    singles = _singles(things)
    if len(singles) < 2:
        return None
    i, j = rng.choice(len(singles), 2, replace=False)
    a, b = singles[i], singles[j]
    axis, word = _one(rng, [(1, "left of"), (1, "right of"), (0, "above"), (0, "below")])
    gap = b.centre[axis] - a.centre[axis]
    if abs(gap) < .06:
        return None
    yes = (gap > 0) == (word in ("left of", "above"))
    actual = word if yes else {"left of": "right of", "right of": "left of", "above": "below", "below": "above"}[word]
    verb = "are" if only_plural(a.kind) else "is"
    q = _one(rng, ["{} the {} {} the {}?", "{} the {} {} the {}, yes or no?"]).format(verb.capitalize(), a.kind, word, b.kind)
    return q, f"{a.kind} {verb} {actual} {b.kind}.", "yes" if yes else "no"


def _compare(rng, things):
    kinds = list(counts(things))
    if len(kinds) < 2 and rng.random() < .5:
        return None
    a = _one(rng, kinds)
    b = _one(rng, [k for k in kinds if k != a]) if len(kinds) > 1 and rng.random() < .9 else _absent(rng, things)
    a, b = (a, b) if rng.random() < .5 else (b, a)
    tally = counts(things)
    na, nb = tally.get(a, 0), tally.get(b, 0)
    steps = f"{plural(a)}: {na}; {plural(b)}: {nb}."
    way = rng.integers(4)
    if way == 0:
        return f"Are there more {plural(a)} than {plural(b)}?", steps, "yes" if na > nb else "no"
    if way == 1:
        return f"Are there fewer {plural(a)} than {plural(b)}?", steps, "yes" if na < nb else "no"
    if way == 2:
        return f"Are there as many {plural(a)} as {plural(b)}?", steps, "yes" if na == nb else "no"
    q = _one(rng, ["Which are there more of, {} or {}?", "Are there more {} or more {}?"]).format(plural(a), plural(b))
    return q, steps, plural(a) if na > nb else plural(b) if nb > na else "equal"


def _energy_question(rng):
    return _one(rng, ["How many kilocalories is this?", "How many calories are on the table?", "Estimate the calories.", "How many kcal in total?", "Estimate the energy.",
                      "What is the energy of this meal?", "How many calories is this?", "Add up the calories."])


def _critique(rng, things):
    kind = _one(rng, things).kind
    n = counts(things)[kind]
    claim = n if rng.random() < .5 else max(0, n + int(_one(rng, [-2, -1, -1, 1, 1, 2])))
    be = "is" if claim == 1 and not only_plural(kind) else "are"
    q = _one(rng, ["Another agent counts {} {}. Is that right?", "Check this answer: {} {}. Is it right?", f"An agent says there {be} {{}} {{}}. Do you agree?"])
    return q.format(claim, plural(kind, claim)), f"{plural(kind)}: {n}; the answer said {claim}.", f"yes, {n}" if claim == n else f"no, {n}"


def _synthesise(rng, things):
    question, steps, answer = _one(rng, [_count, _count_all, _compare, _count])(rng, things) or _count_all(rng, things)
    if answer.isdigit():
        wrong = [str(v) for v in {max(0, int(answer) + d) for d in (-2, -1, 1, 2)} - {int(answer)}]
    else:
        wrong = ["yes", "no", "equal"] + [plural(t.kind) for t in things]
        wrong = sorted(set(wrong) - {answer})
    others = [_one(rng, wrong) for _ in range(int(rng.integers(1, 3)))]
    votes = {}
    # Often the most voted is right; not always, so that looking pays.
    for candidate in others + ([answer] if rng.random() < .85 else []):
        votes[candidate] = int(rng.integers(1, 6)) + (3 if candidate == answer and rng.random() < .5 else 0)
    ranked = sorted(votes.items(), key=lambda v: (-v[1], v[0]))
    told = "\n".join(f"{n} vote{'s' if n > 1 else ''}: {c}" for c, n in ranked)
    ask = _one(rng, ["Give the final answer.", "Decide on the final answer.", "Which answer is right? Give the final answer."])
    agree = f"{votes[answer]} of {sum(votes.values())} agree." if answer in votes else "no candidate is right."
    return f"{question}\nCandidate answers:\n{told}\n{ask}", f"{steps} {agree}", answer


def _chart(rng, marks, style):
    """Reading a chart: one value, extremes, sums, differences, how many."""
    word = "bar" if style == "bars" else "point"
    unique = {m.value for m in marks}
    way = rng.choice(["value", "highest", "lowest", "difference", "sum", "number", "list", "absent"], p=[.4, .11, .11, .1, .08, .06, .08, .06])
    a = _one(rng, marks)
    name = lambda m: f"the {m.kind} {word}" if m.kind in COLOURS else f"{word} {m.kind}" if rng.random() < .5 else m.kind
    if way == "value":
        q = _one(rng, ["What is the value of {}?", "How high is {}?", "Read the value of {}.", "What value has {}?", "How much is {}?"]).format(name(a))
        return q, f"{a.kind}: {a.value}.", str(a.value)
    if way in ("highest", "lowest"):
        best = (max if way == "highest" else min)(marks, key=lambda m: m.value)
        if sum(m.value == best.value for m in marks) > 1:
            return None
        return _one(rng, [f"Which {word} is {way}?", f"Which one is {way}?", f"What is the {way} {word}?"]), f"{way}: {best.kind} {best.value}.", best.kind
    if way in ("difference", "sum"):
        if len(unique) < 2:
            return None
        i, j = rng.choice(len(marks), 2, replace=False)
        a, b = marks[i], marks[j]
        if way == "sum":
            return f"What do {a.kind} and {b.kind} add up to?", f"{a.value}+{b.value}={a.value + b.value}.", str(a.value + b.value)
        if a.value < b.value:
            a, b = b, a
        return _one(rng, ["How much more is {} than {}?", "What is the difference between {} and {}?"]).format(a.kind, b.kind), f"{a.value}-{b.value}={a.value - b.value}.", str(a.value - b.value)
    if way == "number":
        return _one(rng, [f"How many {word}s are there?", f"Count the {word}s."]), f"{word}s: {len(marks)}.", str(len(marks))
    if way == "list":
        return _one(rng, ["List the values.", "Describe the chart.", "Read the chart."]), "", ", ".join(f"{m.kind} {m.value}" for m in marks)
    missing = _absent(rng, marks, list(COLOURS) if marks[0].kind in COLOURS else LETTERS)
    return f"What is the value of {missing}?", f"{missing} is not here.", CANT_TELL


ABILITIES = {"describe": (_describe, .14), "count": (_count, .24), "count all": (_count_all, .1), "locate": (_locate, .12), "boxes": (_boxes, .02),
             "extreme": (_extreme, .07), "nearest": (_nearest, .04), "side": (_side, .05), "compare": (_compare, .1),
             "critique": (_critique, .03), "synthesise": (_synthesise, .04)}


def ask(scene, rng, ability=None, plain=False):
    """An exchange about a scene. `plain` leaves out system turns and ways of looking."""
    if scene.style in ("bars", "line"):
        made = None
        while made is None:
            made = _chart(rng, scene.things, scene.style)
        return _exchange(rng, "chart", scene.things, *made, plain)
    things = scene.things
    edible = all(t.kind in ENERGY for t in things)
    if ability == "energy" and not edible:
        ability = "count"
    while True:
        name = ability or ("energy" if edible and rng.random() < .16 else rng.choice(list(ABILITIES), p=_weights))
        if name == "energy":
            return _energy(rng, things, plain)
        made = ABILITIES[name][0](rng, things)
        if made is not None:
            return _exchange(rng, str(name), things, *made, plain)
        ability = None if ability is None else "count"


_weights = [w / sum(w for _, w in ABILITIES.values()) for _, w in ABILITIES.values()]


def ask_crop(scene, close, rng):
    """About the second picture of two: a close-up of the first."""
    q = _one(rng, ["What is in the close-up?", "What does the second picture show?", "List the items in the close-up."])
    counted = rng.random() < .5
    if counted:
        q = _one(rng, ["How many items are in the close-up?", "How many things does the second picture show?"])
    answer = str(len(close.things)) if counted else listing(close.things)
    thought = think(close.things, f"items: {answer}." if counted else "", where="in the close-up ")
    return Exchange("crop", [("user", q), ("assistant", thought + answer)], answer, _system(rng))


def _system(rng, plain=False):
    return _one(rng, SYSTEMS) if not plain and rng.random() < .3 else None


def _look(rng, things, question, plain):
    """Adds a way of looking to some questions, and puts things in its order."""
    roll = 1 if plain else rng.random()
    if roll < .22:
        phrases, key = ORDERS[_one(rng, list(ORDERS))]
        return sorted(things, key=key), f"{question}\n\n{_one(rng, phrases)}"
    if roll < .42:
        return things, f"{question}\n\n" + " ".join(_one(rng, PERSONAS) for _ in range(int(rng.integers(1, 3))))
    return things, question


def _exchange(rng, ability, things, question, steps, answer, plain):
    # A locating answer names its boxes in the order in which they were seen.
    seen, question = (things, question) if ability in ("locate", "boxes", "chart") else _look(rng, things, question, plain)
    return Exchange(ability, [("user", question), ("assistant", think(seen, steps) + answer)], answer, _system(rng, plain))


def expression(things, table):
    return "+".join(f"{n}*{table[k]}" for k, n in counts(things).items())


def _energy(rng, things, plain):
    """By default from the table the model knows; where `nutrition` is on offer, by asking it."""
    tally = counts(things)
    seen, question = _look(rng, things, _energy_question(rng), plain)
    steps = listing(things) + "."
    if plain or rng.random() < .75:
        sum_ = expression(things, ENERGY)
        total = sum(n * ENERGY[k] for k, n in tally.items())
        turns = [("user", question), ("assistant", think(seen, steps) + tool_call("calculator", expression=sum_)), ("tool", str(total)), ("assistant", f"{total} kcal")]
        return Exchange("energy", turns, f"{total} kcal", _system(rng, plain))
    # Looked-up values are often not the known ones, so that the answer of the tool is what counts.
    table = {k: ENERGY[k] if rng.random() < .4 else int(rng.integers(3, 300)) for k in tally}
    total = sum(n * table[k] for k, n in tally.items())
    turns = [("user", question), ("assistant", think(seen, steps) + tool_call("nutrition", items=list(tally))),
             ("tool", json.dumps(table, separators=(",", ":"))), ("assistant", tool_call("calculator", expression=expression(things, table))),
             ("tool", str(total)), ("assistant", f"{total} kcal")]
    return Exchange("nutrition", turns, f"{total} kcal", _one(rng, NUTRITION))
