"""Writes a trained state as two GGUF files that stock llama.cpp reads: the text part and the image projector.

    python3 export.py --state run/state.pt --out ../models/muse-mini
"""
import argparse
import hashlib
import os

import numpy as np
import torch

import checkpoint
import gguf
from data import GRIDS
from model import Config
from tokenizer import CONTROL, USER, Tokenizer

TEMPLATE = ("{% for message in messages %}{{'<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n'}}{% endfor %}"
            "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}")
TOKEN_NORMAL, TOKEN_CONTROL, TOKEN_USER = 1, 3, 4
# llama.cpp sends up to 280 patches in a row; without a table row for each it would read beyond the table.
POSITION_ROWS = 288


def text_part(weights, c, tokens, name, quantised):
    matrix = gguf.Q8_0 if quantised else gguf.F16
    w = gguf.Writer("llama")
    w.add("general.name", name)
    w.add("general.file_type", 7 if quantised else 1)
    for key, value in {"context_length": c.context, "embedding_length": c.width, "block_count": c.layers, "feed_forward_length": c.hidden,
                       "attention.head_count": c.heads, "attention.head_count_kv": c.kv_heads, "rope.dimension_count": c.width // c.heads,
                       "rope.freq_base": c.rope_base, "attention.layer_norm_rms_epsilon": c.eps, "vocab_size": c.vocabulary}.items():
        w.add("llama." + key, value)
    w.add("tokenizer.ggml.model", "gpt2")
    w.add("tokenizer.ggml.pre", "gpt-2")
    w.add("tokenizer.ggml.tokens", tokens.tokens)
    w.add("tokenizer.ggml.token_type", [TOKEN_CONTROL if t in CONTROL else TOKEN_USER if t in USER else TOKEN_NORMAL for t in tokens.tokens])
    w.add("tokenizer.ggml.merges", [" ".join(m) for m in tokens.merges])
    w.add("tokenizer.ggml.eos_token_id", tokens.ids["<|im_end|>"])
    w.add("tokenizer.ggml.bos_token_id", tokens.ids["<|endoftext|>"])
    w.add("tokenizer.ggml.padding_token_id", tokens.ids["<|endoftext|>"])
    w.add("tokenizer.ggml.add_bos_token", False)
    w.add("tokenizer.chat_template", TEMPLATE)
    w.tensor("token_embd.weight", weights["embedding.weight"], matrix)
    w.tensor("output_norm.weight", weights["norm.weight"], gguf.F32)
    for i in range(c.layers):
        for part in ("attn_norm", "ffn_norm"):
            w.tensor(f"blk.{i}.{part}.weight", weights[f"blocks.{i}.{part}.weight"], gguf.F32)
        for part in ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"):
            w.tensor(f"blk.{i}.{part}.weight", weights[f"blocks.{i}.{part}"], matrix)
    return w


def image_part(weights, c, name):
    w = gguf.Writer("clip")
    w.add("general.name", name + " patches")
    w.add("general.file_type", 0)
    w.add("clip.has_vision_encoder", True)
    w.add("clip.projector_type", "gemma4uv")
    # llama.cpp multiplies patch size and scale factor; the file's own image size is what a square is scaled to by default.
    for key, value in {"image_size": 240, "patch_size": c.patch // 3, "projector.scale_factor": 3, "embedding_length": c.width, "projection_dim": c.width,
                       "feed_forward_length": 0, "block_count": 0, "attention.head_count": 0, "attention.layer_norm_epsilon": 1e-6,
                       "image_mean": [.5, .5, .5], "image_std": [.5, .5, .5]}.items():
        w.add("clip.vision." + key, value)
    w.add("muse.image.fit", "stretch")
    part = lambda key: weights["patches." + key]
    w.tensor("v.patch_embd.weight", part("embed.weight"), gguf.F32)
    w.tensor("v.patch_embd.bias", part("embed.bias"), gguf.F32)
    for i in (1, 2, 3):
        w.tensor(f"v.patch_norm.{i}.weight", part(f"norm{i}.weight"), gguf.F32)
        w.tensor(f"v.patch_norm.{i}.bias", part(f"norm{i}.bias"), gguf.F32)
    rows = lambda table, used: np.pad(table[:used], ((0, POSITION_ROWS - used), (0, 0)), mode="edge")
    w.tensor("v.position_embd.weight", np.stack([rows(part("x"), max(g[0] for g in GRIDS)), rows(part("y"), max(g[1] for g in GRIDS))]), gguf.F32)
    w.tensor("mm.input_projection.weight", part("project"), gguf.F32)
    return w


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--state", default="run/state.pt")
    p.add_argument("--tokenizer", default="tokenizer.json")
    p.add_argument("--out", default="run")
    p.add_argument("--name", default="Muse Mini")
    p.add_argument("--checkpoint", help="also write a compact checkpoint here (.npz), for train.py --start")
    p.add_argument("--q8", action="store_true", help="text part in Q8_0 instead of F16")
    options = p.parse_args()
    state = torch.load(options.state, map_location="cpu")
    weights = {k: v.float().numpy() for k, v in state["model"].items()}
    c = Config(**state["config"])
    tokens = Tokenizer.load(options.tokenizer)
    if options.checkpoint:
        checkpoint.save(options.checkpoint, weights, state["config"], tokens.tokens, state["batch"], state["curve"])
    os.makedirs(options.out, exist_ok=True)
    sums = []
    for file, writer in (("muse-mini.gguf", text_part(weights, c, tokens, options.name, options.q8)), ("muse-mini-mmproj.gguf", image_part(weights, c, options.name))):
        path = os.path.join(options.out, file)
        writer.write(path)
        with open(path, "rb") as f:
            raw = f.read()
        sums.append(f"{hashlib.sha256(raw).hexdigest()}  {file}")
        print(f"{file}  {len(raw)} bytes  sha256 {sums[-1][:64]}")
    with open(os.path.join(options.out, "SHA256SUMS"), "w", encoding="ascii") as f:
        f.write("\n".join(sums) + "\n")


if __name__ == "__main__":
    main()
