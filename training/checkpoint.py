"""Weights to go on from: a compact file of this model's, or the two GGUF files of an earlier one.

A run may start from either, also where the new model has more words, more layers or wider feed-forward parts: what is
new is put in so that the model at first does what it did.
"""
import json
import os

import numpy as np
import torch

import gguf

_FILES = "muse-mini.gguf", "muse-mini-mmproj.gguf"
_PARTS = "attn_norm", "ffn_norm", "attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"


def save(path, weights, config, tokens, batch, curve):
    """All weights in half precision, with the words they are for."""
    arrays = {name: np.asarray(w, np.float16) for name, w in weights.items()}
    about = json.dumps({"config": config, "tokens": tokens, "batch": batch, "curve": curve})
    np.savez(path, about=np.frombuffer(about.encode(), np.uint8), **arrays)


def load(path):
    """Weights by name (float32 arrays), words, and what else is known ({} for exported files)."""
    if os.path.isdir(path):
        return _exported(path)
    with np.load(path) as file:
        about = json.loads(file["about"].tobytes())
        return {name: file[name].astype(np.float32) for name in file.files if name != "about"}, about["tokens"], about


def _exported(folder):
    (pairs, text), (_, image) = (gguf.read(os.path.join(folder, name)) for name in _FILES)
    weights = {"embedding.weight": text["token_embd.weight"], "norm.weight": text["output_norm.weight"]}
    for i in range(pairs["llama.block_count"]):
        for part in _PARTS:
            weights[f"blocks.{i}.{part}" + (".weight" if part.endswith("norm") else "")] = text[f"blk.{i}.{part}.weight"]
    weights["patches.embed.weight"], weights["patches.embed.bias"] = image["v.patch_embd.weight"], image["v.patch_embd.bias"]
    for i in (1, 2, 3):
        for kind in ("weight", "bias"):
            weights[f"patches.norm{i}.{kind}"] = image[f"v.patch_norm.{i}.{kind}"]
    # Rows that repeat the one before were never trained.
    for name, table in zip("xy", image["v.position_embd.weight"]):
        weights[f"patches.{name}"] = table[:1 + int(np.flatnonzero(np.any(np.diff(table, axis=0), 1)).max(initial=0)) + 1]
    weights["patches.project"] = image["mm.input_projection.weight"]
    return weights, pairs["tokenizer.ggml.tokens"], {}


@torch.no_grad()
def put(model, weights, old_tokens, tokens):
    """Puts weights into a model that may be larger. The names of what stays as the model was made."""
    fresh = []
    for name, p in model.named_parameters():
        old = weights.get(name)
        if name == "embedding.weight":
            p.copy_(torch.from_numpy(_words(old, old_tokens, tokens)))
        elif old is None:
            fresh.append(name)
            if name.endswith(("attn_output", "ffn_down")):
                p.zero_()               # a new layer at first adds nothing
        else:
            old = torch.from_numpy(np.array(old))
            if old.shape == p.shape:
                p.copy_(old)
            elif old.dim() != p.dim() or any(o > n for o, n in zip(old.shape, p.shape)) or (old.shape[-1] != p.shape[-1] and not name.endswith("ffn_down")):
                raise ValueError(f"{name}: {tuple(old.shape)} does not go into {tuple(p.shape)}")
            else:
                if name.endswith("ffn_down"):
                    p.zero_()           # new columns read what new rows of the gate make
                elif name.startswith("patches."):
                    p.mul_(old.std() / p.std())
                p[tuple(slice(n) for n in old.shape)] = old
    return fresh


def _words(old, old_tokens, tokens):
    """Embeddings of the tokens: kept, or for new ones the mean of their pieces, for new places that of their neighbours."""
    known = {t: i for i, t in enumerate(old_tokens)}
    places = sorted((int(t[4:8]), i) for t, i in known.items() if t.startswith("<loc"))
    rare = old.mean(0)

    def of(token):
        if token in known:
            return old[known[token]]
        if token.startswith("<loc"):
            return np.mean([old[i] for _, i in sorted(places, key=lambda p: abs(p[0] - int(token[4:8])))[:2]], axis=0)
        pieces, at = [], 0
        while at < len(token):
            length = next((n for n in range(len(token) - at, 0, -1) if token[at:at + n] in known), 0)
            if not length:
                return rare
            pieces.append(old[known[token[at:at + length]]])
            at += length
        return np.mean(pieces, axis=0)

    return np.stack([of(t) for t in tokens.tokens]).astype(np.float32)
