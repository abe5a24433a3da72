"""Trains Muse Mini. Stops and goes on where it was: run the same command again.

    python3 train.py --out run --batches 20000

The curve is drawn to OUT/curve.png; the last state is OUT/state.pt.
"""
import argparse
import itertools
import json
import os
import time

import machine
import numpy as np
import torch

import checkpoint
import optimizer
from crew import Crew
from curve import draw
from data import CLASSES, Batches, Sampler
from model import Config, Muse, losses
from tokenizer import Tokenizer

HELD_OUT = 1_000_003       # seeds of evaluation; training never uses them


def main():
    options = parse()
    os.makedirs(options.out, exist_ok=True)
    torch.manual_seed(options.seed)
    torch.set_num_threads(1)
    if hasattr(torch.backends.cuda, "enable_cudnn_sdp"):
        torch.backends.cuda.enable_cudnn_sdp(False)      # it plans anew for every shape
    if not machine.right():
        raise SystemExit("Products come out wrong on this processor: set OPENBLAS_CORETYPE to another value, such as Haswell.")
    tokens = Tokenizer.load(options.tokenizer)
    config = Config(vocabulary=len(tokens.tokens), width=options.width, layers=options.layers, heads=options.width // 32,
                    kv_heads=options.width // 64, hidden=options.hidden, classes=len(CLASSES), dense_layer=(options.layers + 1) // 2)
    model = Muse(config).to(options.device)
    crew = Crew(model, config, options.threads if options.device == "cpu" else 1)
    optimizers = optimizer.build(model, options.muon_lr, options.adam_lr)
    state = os.path.join(options.out, "state.pt")
    first, curve, fresh_from = 0, [], -1000        # the rate warms up where the optimizers are new
    if os.path.exists(state):
        first, curve = resume(state, model, optimizers, options.device)
    elif options.start:
        weights, words, about = checkpoint.load(options.start)
        fresh = checkpoint.put(model, weights, words, tokens)
        first, curve = about.get("batch", options.first), about.get("curve", [])
        fresh_from = first
        print(f"starts from {options.start}; new: {', '.join(fresh) or 'nothing'}", flush=True)
    print(f"{sum(p.numel() for n, p in model.named_parameters() if not n.startswith('dense')) / 1e6:.2f} million parameters, from batch {first}", flush=True)
    if not os.path.exists(state) and not options.start:
        fresh_from = 0
    tests = held_out(tokens)
    loader = torch.utils.data.DataLoader(Batches(tokens, options.seed, first, options.ease, options.tokens,
                                                 options.parts or (options.threads * 2 if options.device == "cpu" else 3),
                                                 even=options.device != "cpu", teamwork=options.teamwork), batch_size=None,
                                         num_workers=options.workers, prefetch_factor=4)
    begun, saved, seen, full, sums = time.time(), time.time(), 0, False, torch.zeros(2, device=options.device)
    moved, waited, batches, since = ahead(loader, options.device), 0, 0, time.time()
    for number in itertools.count(first):
        asked = time.time()
        parts = next(moved)
        waited += time.time() - asked
        if number >= options.batches or (options.minutes and time.time() - begun > options.minutes * 60):
            break
        rate = schedule(number, options.batches, options.decay, (time.time() - begun) / 60, options.minutes, options.fall)
        if rate < 1 and full:
            save(os.path.join(options.out, "stable.pt"), model, optimizers, number, curve, config)
        full = rate == 1
        rate *= min(1, (number - fresh_from + 1) / 100)
        for o in optimizers:
            for g in o.param_groups:
                g["lr"] = g["full_lr"] * rate
        dense_only = number < options.dense_first
        sums += step(model, optimizers, parts, crew, dense_only)
        batches += 1
        seen += sum(part["scenes"] for part in parts)
        if (number + 1) % options.report == 0:
            text, dense = (sums / batches).tolist()
            curve.append({"batch": number + 1, "text": text, "dense": dense})
            sums.zero_()
            print(f"{number + 1:6d}  text {text:.4f}  dense {dense:.4f}  rate {rate:.2f}  {seen / (time.time() - begun):.0f} scenes/s  "
                  f"{100 * waited / (time.time() - since):.0f} % waiting for scenes", flush=True)
            waited, batches, since = 0, 0, time.time()
        if (number + 1) % options.check == 0:
            curve[-1 if curve else 0:] = [(curve[-1] if curve else {"batch": number + 1}) | {"held out": check(model, tests, config, options.device)}]
        if time.time() - saved > options.save * 60:
            save(state, model, optimizers, number + 1, curve, config)
            saved = time.time()
    done = min(number, options.batches)
    save(state, model, optimizers, done, curve, config)
    draw(curve, os.path.join(options.out, "curve.png"))
    print(f"at batch {done}", check(model, tests, config, options.device), flush=True)


def parse():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--out", default="run")
    p.add_argument("--start", help="a compact checkpoint, or a folder of exported files, to begin from where OUT holds no state")
    p.add_argument("--first", type=int, default=0, help="the batch that a run from exported files counts from: skips easing in")
    p.add_argument("--tokenizer", default="tokenizer.json")
    p.add_argument("--batches", type=int, default=20000, help="length of the whole run")
    p.add_argument("--tokens", type=int, default=5000, help="about how many tokens a batch has")
    p.add_argument("--minutes", type=float, default=0, help="stop after this long, to go on later; 0: no limit")
    p.add_argument("--width", type=int, default=192)
    p.add_argument("--layers", type=int, default=8)
    p.add_argument("--hidden", type=int, default=640)
    p.add_argument("--muon-lr", type=float, default=.015)
    p.add_argument("--adam-lr", type=float, default=.0015)
    p.add_argument("--ease", type=int, default=4000, help="batches over which scenes and canvases grow to their full variety")
    p.add_argument("--teamwork", type=float, default=.25, help="share of the parts whose questions come with other agents' answers, once scenes have their full variety")
    p.add_argument("--dense-first", type=int, default=0, help="batches that train seeing only")
    p.add_argument("--decay", type=int, default=0, help="batches, at the run's end, over which the rate falls; the state before them is kept as stable.pt, to go on from with more batches")
    p.add_argument("--fall", type=float, default=0, help="share of --minutes, at their end, over which the rate falls, for a machine lent for a time")
    p.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    p.add_argument("--workers", type=int, default=1)
    p.add_argument("--parts", type=int, default=0, help="parts of a batch, each of its own canvas; 0: two a thread, three on a GPU")
    p.add_argument("--threads", type=int, default=2, help="parts of a batch worked on at once on a CPU")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--report", type=int, default=50)
    p.add_argument("--check", type=int, default=1000)
    p.add_argument("--save", type=float, default=5, help="minutes between saved states")
    return p.parse_args()


def schedule(number, batches, decay, spent=0, minutes=0, fall=0):
    """Full rate, then straight down: over the last `decay` batches, or over the last share `fall` of the minutes."""
    left = [(batches - number) / decay] if decay else []
    left += [(1 - spent / minutes) / fall] if minutes and fall else []
    return min([1, *(max(.01, part) for part in left)])


def step(model, optimizers, parts, crew, dense_only):
    found = crew.gradients(parts, dense_only)
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    for o in optimizers:
        o.step()
        o.zero_grad(set_to_none=True)
    return found


def to(batch, device):
    return {k: v.to(device, non_blocking=True) if torch.is_tensor(v) else v for k, v in batch.items()}


def ahead(loader, device):
    """A loader's batches on the device. A GPU is given the next one while it still works on those before."""
    if device == "cpu":
        yield from loader
        return
    stream = torch.cuda.Stream()
    for parts in loader:
        with torch.cuda.stream(stream):
            parts = [to(part, device) for part in parts]
        torch.cuda.current_stream().wait_stream(stream)
        for part in parts:
            for value in filter(torch.is_tensor, part.values()):
                value.record_stream(torch.cuda.current_stream())
        yield parts


def held_out(tokens, each=4):
    """A few batches of scenes, sprites and grounds never trained on."""
    sampler = Sampler(tokens, [HELD_OUT])
    return [sampler.batch(np.random.default_rng([HELD_OUT, i]), 24, grid, 6) for i, grid in enumerate([(8, 8), (10, 10), (12, 9), (16, 16)][:each])]


@torch.no_grad()
def check(model, tests, config, device):
    """With the true words before each: loss, share of right tokens, and of samples right throughout but for places."""
    text, right, whole = [], [], []
    for batch in tests:
        batch = to(batch, device)
        logits, dense = model(batch)
        text.append(losses(logits, dense, batch, config.classes)[0].item())
        good = (logits.argmax(-1) == batch["target"]).cpu()
        right.append(good.float().mean().item())
        row = (batch["asked"] // batch["ids"].shape[1]).cpu()
        wrong = torch.zeros(len(batch["ids"])).index_add_(0, row, (~good & (batch["weight"].cpu() == 1)).float())
        whole.append((wrong == 0).float().mean().item())
    found = {"loss": round(float(np.mean(text)), 4), "tokens": round(float(np.mean(right)), 4), "whole": round(float(np.mean(whole)), 4)}
    print("        held out", found, flush=True)
    return found


def save(path, model, optimizers, number, curve, config):
    torch.save({"config": config.to_dict(), "model": model.state_dict(), "optimizers": [o.state_dict() for o in optimizers],
                "batch": number, "curve": curve}, path + ".new")
    os.replace(path + ".new", path)
    with open(os.path.join(os.path.dirname(path), "curve.json"), "w", encoding="utf-8") as f:
        json.dump(curve, f)


def resume(path, model, optimizers, device):
    kept = torch.load(path, map_location=device)
    model.load_state_dict(kept["model"])
    for o, s in zip(optimizers, kept["optimizers"]):
        o.load_state_dict(s)
    return kept["batch"], kept["curve"]


if __name__ == "__main__":
    main()
