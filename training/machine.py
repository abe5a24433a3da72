"""What the processor at hand is told before PyTorch is loaded, and which type it multiplies fastest. Import this first."""
import ctypes
import os
import time

# Threads are the trainer's own: each works on a part of a batch by itself and waits for the others once a step, which
# beats splitting every product where other programs want the processor too.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def _flags():
    try:
        with open("/proc/cpuinfo", encoding="ascii", errors="ignore") as f:
            return set(next((line for line in f if line.startswith("flags")), "").split())
    except OSError:
        return set()


# OpenBLAS before 0.3.27 does not know newer processors and falls back to code five times slower.
if "avx512vl" in _flags():
    os.environ.setdefault("OPENBLAS_CORETYPE", "SkylakeX")

# glibc gives large blocks back to the system at once and gets them anew, zeroed page by page: a tenth of a training step.
try:
    _mallopt = ctypes.CDLL(None).mallopt
    _mallopt(-4, 0)               # M_MMAP_MAX: no mappings of their own
    _mallopt(-1, 2**31 - 1)       # M_TRIM_THRESHOLD: nothing given back
    _mallopt(-2, 64 << 20)        # M_TOP_PAD
except (AttributeError, OSError):
    pass                          # another C library

import torch  # noqa: E402  (after the settings above)


def speed(dtype, seconds=.02):
    """Billions of multiplications and additions a second on one thread."""
    a, b = torch.randn(1024, 256).to(dtype), torch.randn(640, 256).to(dtype)
    torch.nn.functional.linear(a, b)
    done, begun = 0, time.thread_time()
    while time.thread_time() - begun < seconds:
        torch.nn.functional.linear(a, b)
        done += 1
    return done * 2e-9 * a.numel() * len(b) / (time.thread_time() - begun)


def right(tolerance=1e-3):
    """Whether float32 products come out right: some BLAS builds err on processors that they take for others."""
    a, b = torch.randn(333, 257), torch.randn(257, 129)
    return (a @ b - (a.double() @ b.double()).float()).abs().max().item() < tolerance


def fastest():
    if torch.cuda.is_available():
        return torch.bfloat16
    torch.set_num_threads(1)
    return torch.bfloat16 if speed(torch.bfloat16) > 1.3 * speed(torch.float32) else torch.float32
