"""Muse Mini: a decoder that takes image patches straight in, next to text.

Text part: llama architecture (RMSNorm, rotary positions on neighbouring pairs, grouped keys and values, SwiGLU, tied
embeddings). Image part: llama.cpp's projector `gemma4uv`: 24-pixel patches through one linear layer with norms and
learnt x and y positions. Patches of one image see each other both ways; everything else is causal.
"""
import math
from dataclasses import asdict, dataclass

import machine
import torch
import torch.nn as nn
import torch.nn.functional as F

import kernels


@dataclass
class Config:
    vocabulary: int
    width: int = 256
    layers: int = 6
    heads: int = 8
    kv_heads: int = 4
    hidden: int = 640
    patch: int = 24
    positions: int = 48        # rows of the x and of the y table; llama.cpp sends at most 280 patches, longest side 40
    rope_base: float = 10000.0
    eps: float = 1e-5
    context: int = 4096
    classes: int = 0           # of the dense head
    dense_layer: int = 3       # after which block the dense head looks

    def to_dict(self):
        return asdict(self)


COMPUTE = machine.fastest()     # type of matrix products; weights are kept in float32 throughout


def product(x, weight):
    """A linear layer in the type that this machine multiplies fastest."""
    return F.linear(x.to(COMPUTE), weight.to(COMPUTE)).to(x.dtype)


class RMSNorm(nn.Module):
    def __init__(self, width, eps):
        super().__init__()
        self.weight, self._eps = nn.Parameter(torch.ones(width)), eps

    def forward(self, x):
        if kernels.usable(x, kernels.HEAD):
            return kernels.Norm.apply(x, self.weight, self._eps)
        if hasattr(F, "rms_norm"):
            return F.rms_norm(x, x.shape[-1:], self.weight, self._eps)
        return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + self._eps) * self.weight


class Block(nn.Module):
    """One layer. Matrices are named as in GGUF."""

    def __init__(self, c: Config):
        super().__init__()
        self.c, self.head = c, c.width // c.heads
        matrix = lambda rows, columns: nn.Parameter(torch.empty(rows, columns))
        self.attn_norm = RMSNorm(c.width, c.eps)
        self.attn_q = matrix(c.width, c.width)
        self.attn_k = matrix(self.head * c.kv_heads, c.width)
        self.attn_v = matrix(self.head * c.kv_heads, c.width)
        self.attn_output = matrix(c.width, c.width)
        self.ffn_norm = RMSNorm(c.width, c.eps)
        self.ffn_gate = matrix(c.hidden, c.width)
        self.ffn_up = matrix(c.hidden, c.width)
        self.ffn_down = matrix(c.width, c.hidden)

    def forward(self, x, turn, limits, wanted=None):
        """`wanted`: the flat positions that are read afterwards, where those are not all: only they are worked out."""
        mixed = product(self.attn_norm(x), torch.cat((self.attn_q, self.attn_k, self.attn_v)))
        if wanted is not None:
            limits = torch.zeros_like(limits).flatten().index_copy(0, wanted, limits.flatten()[wanted]).view_as(limits)
        seen = self._attend(mixed, turn, limits)
        if wanted is not None:
            x, seen = (part.flatten(0, 1).index_select(0, wanted)[None] for part in (x, seen))
        x = x + product(seen, self.attn_output)
        both = product(self.ffn_norm(x), torch.cat((self.ffn_gate, self.ffn_up)))
        return x + product(kernels.Gate.apply(both) if kernels.usable(both, kernels.HEAD) else _gate(both), self.ffn_down)

    def _attend(self, mixed, turn, limits):
        heads, groups, head = self.c.heads, self.c.kv_heads, self.head
        if kernels.usable(mixed, head):
            return kernels.Attend.apply(mixed, limits, *turn, heads, groups)
        b, t = limits.shape
        turned, v = (part.reshape(b, t, -1, head).transpose(1, 2) for part in mixed.split(((heads + groups) * head, groups * head), -1))
        q, k = _rotate(turned, *turn).split((heads, groups), 1)
        k, v = (part.repeat_interleave(heads // groups, 1).to(COMPUTE) for part in (k, v))
        mask = (torch.arange(t, device=limits.device) < limits.clamp(min=1)[:, :, None])[:, None]
        if hasattr(F, "scaled_dot_product_attention"):
            out = F.scaled_dot_product_attention(q.to(COMPUTE), k, v, attn_mask=mask)
        else:
            scores = (q.to(COMPUTE) @ k.transpose(-1, -2)).float() * head ** -.5
            out = scores.masked_fill(~mask, -1e30).softmax(-1).to(COMPUTE) @ v
        return out.to(mixed.dtype).transpose(1, 2).reshape(b, t, heads * head)


def _gate(both):
    gate, value = both.chunk(2, -1)
    return F.silu(gate) * value


def _rotate(x, cosine, sine):
    """Turns neighbouring pairs by their position's angle."""
    a, b = x.unflatten(-1, (-1, 2)).unbind(-1)
    return torch.stack((a * cosine - b * sine, a * sine + b * cosine), -1).flatten(-2)


class Patches(nn.Module):
    """Pixels of patches to embeddings the decoder reads."""

    def __init__(self, c: Config):
        super().__init__()
        pixels = c.patch ** 2 * 3
        self.norm1 = nn.LayerNorm(pixels)
        self.embed = nn.Linear(pixels, c.width)
        self.norm2 = nn.LayerNorm(c.width)
        # At the usual small spread the model never learns where things are; 0.7 puts places on a par with pixels.
        self.x = nn.Parameter(torch.randn(c.positions, c.width) * .7)
        self.y = nn.Parameter(torch.randn(c.positions, c.width) * .7)
        self.norm3 = nn.LayerNorm(c.width)
        self.project = nn.Parameter(torch.randn(c.width, c.width) * .02)

    def forward(self, patches, column, row):
        """patches: uint8 [n, 3 * 24 * 24], channel by channel; column and row: [n]."""
        x = self.norm1(patches.float() / 127.5 - 1)
        x = self.norm2(product(x, self.embed.weight) + self.embed.bias)
        x = self.norm3(x + F.embedding(column, self.x) + F.embedding(row, self.y))
        return product(x * torch.rsqrt(x.square().mean(-1, keepdim=True) + 1e-6), self.project)


class Muse(nn.Module):
    def __init__(self, c: Config):
        super().__init__()
        self.c = c
        self.embedding = nn.Embedding(c.vocabulary, c.width)
        self.patches = Patches(c)
        self.blocks = nn.ModuleList(Block(c) for _ in range(c.layers))
        self.norm = RMSNorm(c.width, c.eps)
        # Only trains, never ships: from each patch the kind and the box of what lies there. It teaches seeing with
        # hundreds of targets a picture where the answer's tokens are tens.
        self.dense_norm = RMSNorm(c.width, c.eps)
        self.dense = nn.Linear(c.width, c.classes + 5)
        nn.init.normal_(self.embedding.weight, std=.04)
        for name, p in self.blocks.named_parameters():
            if p.dim() == 2:
                deep = name.endswith(("attn_output", "ffn_down"))
                nn.init.normal_(p, std=.03 / (math.sqrt(2 * c.layers) if deep else 1))

    def forward(self, batch, dense_only=False):
        """Logits at the positions that have a target, and the dense head's outputs, one row a patch."""
        ids, limits = batch["ids"], batch["limits"]
        x = self.embedding(ids).flatten(0, 1)
        x = x.index_copy(0, batch["at"], self.patches(batch["patches"], batch["column"], batch["row"])).view(*ids.shape, -1)
        turn, dense = self._turn(ids.shape[1], ids.device), None
        for i, block in enumerate(self.blocks, 1):
            x = block(x, turn, limits, batch["asked"] if i == self.c.layers else None)
            if i == self.c.dense_layer:
                dense = self.dense(self.dense_norm(x.flatten(0, 1).index_select(0, batch["at"])[None])[0])
                if dense_only:
                    return None, dense
        return product(self.norm(x)[0], self.embedding.weight), dense

    def _turn(self, length, device):
        """Cosine and sine of every position's angles: [length, head / 2]."""
        head = self.c.width // self.c.heads
        rate = self.c.rope_base ** (-torch.arange(0, head, 2, device=device).float() / head)
        angle = torch.arange(length, device=device).float()[:, None] * rate
        return angle.cos(), angle.sin()


def losses(logits, dense, batch, classes):
    """Cross-entropy of the asked tokens; the dense head's loss."""
    text = torch.zeros((), device=dense.device)
    if logits is not None:
        text = (F.cross_entropy(logits, batch["target"], reduction="none") * batch["weight"]).sum() / batch["weight"].sum()
    dense = dense[:len(batch["kind"])]      # what was filled in comes last
    kind, centre, box = dense[:, :classes], dense[:, classes], dense[:, classes + 1:]
    on = batch["kind"] > 0
    # Most patches hold nothing: they weigh a third, so that things are not drowned out.
    weight = torch.where(on, 1.0, .33)
    loss = (F.cross_entropy(kind, batch["kind"], reduction="none") * weight).sum() / weight.sum()
    loss = loss + F.binary_cross_entropy_with_logits(centre, batch["centre"])
    apart = (torch.sigmoid(box) - batch["box"]).abs().mean(-1)
    return text, loss + 6 * (apart * on).sum() / on.sum().clamp(min=1)
