"""Muse Mini: a decoder that takes image patches straight in, next to text.

Text part: llama architecture (RMSNorm, rotary positions on neighbouring pairs, grouped keys and values, SwiGLU, tied
embeddings). Image part: llama.cpp's projector `gemma4uv`: 24-pixel patches through one linear layer with norms and
learnt x and y positions. Patches of one image see each other both ways; everything else is causal.
"""
import math
from dataclasses import asdict, dataclass

import torch
import torch.nn as nn
import torch.nn.functional as F


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


def product(x, weight, bias=None):
    """A linear layer in bf16 with weights kept in float32: trains well, and is fast on recent CPUs and GPUs alike."""
    return F.linear(x.to(torch.bfloat16), weight.to(torch.bfloat16), None if bias is None else bias.to(torch.bfloat16))


class RMSNorm(nn.Module):
    def __init__(self, width, eps):
        super().__init__()
        self.weight, self._eps = nn.Parameter(torch.ones(width)), eps

    def forward(self, x):
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

    def forward(self, x, turn, mask):
        h = self.attn_norm(x)
        x = x + product(self._attend(h, turn, mask), self.attn_output)
        h = self.ffn_norm(x).to(torch.bfloat16)
        return x + product(F.silu(product(h, self.ffn_gate)) * product(h, self.ffn_up), self.ffn_down)

    def _attend(self, h, turn, mask):
        b, t, width = h.shape
        groups, shared, head = self.c.kv_heads, self.c.heads // self.c.kv_heads, self.head
        # The quarter turn that rotary positions need is taken of the weights' rows, not of the activations: a small
        # copy instead of strided passes over large ones. The scale of scores goes in with it.
        query, key = self.attn_q * head ** -.5, self.attn_k
        both = torch.cat((query, key))
        made = product(h, torch.cat((both, _quarter(both), self.attn_v)))
        n = both.shape[0]
        cos, sin = turn
        rotated = made[..., :n] * cos + made[..., n:2 * n] * sin
        q = rotated[..., :width].view(b, t, groups, shared, head).permute(0, 2, 3, 1, 4)
        k = rotated[..., width:].view(b, t, groups, head).transpose(1, 2)
        v = made[..., 2 * n:].view(b, t, groups, head).transpose(1, 2)
        if h.is_cuda:
            wide = lambda y: y[:, :, None].expand(-1, -1, shared, -1, -1).reshape(b, -1, t, head)
            out = F.scaled_dot_product_attention(q.reshape(b, -1, t, head), wide(k), wide(v), attn_mask=mask, scale=1.0)
            return out.transpose(1, 2).reshape(b, t, width)
        # Heads that share keys lie above one another: one product for all of them, keys not repeated.
        q = q.reshape(b * groups, shared * t, head)
        k, v = k.reshape(b * groups, t, head), v.reshape(b * groups, t, head)
        out = torch.softmax(torch.baddbmm(mask, q, k.transpose(1, 2)), -1) @ v
        return out.view(b, groups, shared, t, head).permute(0, 3, 1, 2, 4).reshape(b, t, width)


def _quarter(rows):
    """Rows (2i, 2i+1) to (-(2i+1), 2i)."""
    pairs = rows.view(-1, 2, rows.shape[1])
    return torch.stack((-pairs[:, 1], pairs[:, 0]), 1).view_as(rows)


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
        x = self.norm2(product(x, self.embed.weight, self.embed.bias).float())
        x = self.norm3(x + self.x[column] + self.y[row])
        return product(x * torch.rsqrt(x.square().mean(-1, keepdim=True) + 1e-6), self.project).float()


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
        ids, image = batch["ids"], batch["image"]
        x = self.embedding(ids).flatten(0, 1)
        x = x.index_copy(0, batch["at"], self.patches(batch["patches"], batch["column"], batch["row"])).view(*ids.shape, -1)
        turn, mask = self._turn(ids.shape[1], ids.device), self._mask(image)
        dense = None
        for i, block in enumerate(self.blocks, 1):
            x = block(x, turn, mask)
            if i == self.c.dense_layer:
                dense = self.dense(self.dense_norm(x.flatten(0, 1)[batch["at"]]))
                if dense_only:
                    return None, dense
        x = self.norm(x).flatten(0, 1)[batch["asked"]]
        return product(x, self.embedding.weight).float(), dense

    def _turn(self, length, device):
        """cos and sin for every column of queries and keys: [length, (heads + kv_heads) * head]."""
        head = self.c.width // self.c.heads
        rate = self.c.rope_base ** (-torch.arange(0, head, 2, device=device).float() / head)
        angle = (torch.arange(length, device=device).float()[:, None] * rate).repeat_interleave(2, 1).repeat(1, self.c.heads + self.c.kv_heads)
        return angle.cos().to(torch.bfloat16), angle.sin().to(torch.bfloat16)

    def _mask(self, image):
        """Causal, and both ways within an image. `image` [b, t]: 0 for text, else the image's number."""
        b, t = image.shape
        seen = torch.ones(t, t, dtype=torch.bool, device=image.device).tril()[None] | ((image[:, :, None] == image[:, None]) & (image[:, :, None] > 0))
        if image.is_cuda:
            return seen[:, None]
        mask = torch.zeros(seen.shape, dtype=torch.bfloat16).masked_fill_(~seen, -1e9)
        return mask[:, None, None].expand(b, self.c.kv_heads, self.c.heads // self.c.kv_heads, t, t).reshape(b * self.c.kv_heads, -1, t)


def losses(logits, dense, batch, classes):
    """Cross-entropy of the asked tokens; the dense head's loss."""
    text = F.cross_entropy(logits, batch["target"]) if logits is not None else torch.zeros(())
    kind, centre, box = dense[:, :classes], dense[:, classes], dense[:, classes + 1:]
    on = batch["kind"] > 0
    # Most patches hold nothing: they weigh a third, so that things are not drowned out.
    weight = torch.where(on, 1.0, .33)
    loss = (F.cross_entropy(kind, batch["kind"], reduction="none") * weight).sum() / weight.sum()
    loss = loss + F.binary_cross_entropy_with_logits(centre, batch["centre"])
    if on.any():
        loss = loss + 6 * (torch.sigmoid(box[on]) - batch["box"][on]).abs().mean()
    return text, loss
