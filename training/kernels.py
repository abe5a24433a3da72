"""Operators of a training step written in C (kernels.c), several times faster on a CPU than PyTorch's own.

Built at first use with the system's C compiler for the processor at hand. Without a compiler, or on a GPU, `model.py`
uses PyTorch's operators instead: the same results, more slowly.
"""
import ctypes
import hashlib
import os
import shutil
import subprocess

import torch

HERE = os.path.dirname(os.path.abspath(__file__))


def _build():
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if not compiler or os.environ.get("MUSE_KERNELS") == "0":
        return None
    with open(os.path.join(HERE, "kernels.c"), "rb") as f:
        name = hashlib.sha256(f.read()).hexdigest()[:16]
    folder = os.path.join(HERE, "__pycache__")
    path = os.path.join(folder, f"kernels-{os.uname().machine}-{name}.so")
    if not os.path.exists(path):
        os.makedirs(folder, exist_ok=True)
        made = f"{path}.{os.getpid()}"
        done = subprocess.run([compiler, "-O3", "-march=native", "-ffp-contract=fast", "-fno-math-errno", "-shared", "-fPIC",
                               "-o", made, os.path.join(HERE, "kernels.c"), "-lm"], capture_output=True)
        if done.returncode:
            return None
        os.replace(made, path)
    return ctypes.CDLL(path)


_LIBRARY = _build()
HEAD = 32        # columns of a head that the C part is written for


def usable(x, head):
    return _LIBRARY is not None and x.device.type == "cpu" and head == HEAD and x.shape[-1] % 16 == 0


def _call(name, *arguments):
    getattr(_LIBRARY, name)(*(ctypes.c_void_p(a.data_ptr()) if torch.is_tensor(a) else a for a in arguments))


class Norm(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, weight, eps):
        n, width = x.shape[0] * x.shape[1], x.shape[-1]
        x = x.contiguous()
        y, inverse = torch.empty_like(x), torch.empty(n)
        _call("norm", ctypes.c_long(n), width, ctypes.c_float(eps), x, weight, y, inverse)
        ctx.save_for_backward(x, weight, inverse)
        return y

    @staticmethod
    def backward(ctx, dy):
        x, weight, inverse = ctx.saved_tensors
        dy = dy.contiguous()
        dx, d_weight = torch.empty_like(x), torch.zeros_like(weight)
        _call("norm_back", ctypes.c_long(inverse.numel()), x.shape[-1], x, weight, inverse, dy, dx, d_weight)
        return dx, d_weight, None


class Gate(torch.autograd.Function):
    @staticmethod
    def forward(ctx, both):
        n, hidden = both.shape[0] * both.shape[1], both.shape[-1] // 2
        y = torch.empty(*both.shape[:-1], hidden)
        _call("gate", ctypes.c_long(n), hidden, both, y)
        ctx.save_for_backward(both)
        return y

    @staticmethod
    def backward(ctx, dy):
        both, = ctx.saved_tensors
        dy, d_both = dy.contiguous(), torch.empty_like(both)
        _call("gate_back", ctypes.c_long(dy.numel() // dy.shape[-1]), dy.shape[-1], both, dy, d_both)
        return d_both


class Attend(torch.autograd.Function):
    """`mixed` [b, t, (heads + 2 groups) * 32]: queries, keys, values; `limits` int32 [b, t]: how many columns a row sees."""

    @staticmethod
    def forward(ctx, mixed, limits, cosine, sine, heads, groups):
        b, t = limits.shape
        out, sums = torch.empty(b, t, heads * HEAD), torch.empty(b, heads, t)
        _call("attend", b, t, heads, groups, mixed, limits, cosine, sine, out, sums)
        ctx.save_for_backward(mixed, limits, cosine, sine, out, sums)
        ctx.shape = heads, groups
        return out

    @staticmethod
    def backward(ctx, d_out):
        mixed, limits, cosine, sine, out, sums = ctx.saved_tensors
        d_mixed, d_out = torch.empty_like(mixed), d_out.contiguous()
        _call("attend_back", *limits.shape, *ctx.shape, mixed, limits, cosine, sine, out, sums, d_out, d_mixed)
        return d_mixed, None, None, None, None, None
