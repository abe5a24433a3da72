"""Writes GGUF version 3: key-value pairs, then tensors in F32, F16 or Q8_0."""
import struct

import numpy as np

ALIGNMENT = 32
F32, F16, Q8_0 = 0, 1, 8
_UINT32, _INT32, _FLOAT32, _BOOL, _STRING, _ARRAY = 4, 5, 6, 7, 8, 9


def _string(text):
    raw = text.encode()
    return struct.pack("<Q", len(raw)) + raw


def _value(value):
    """Type number and bytes. bool, int (uint32), float, str, or a list of one of them (ints as int32)."""
    if isinstance(value, bool):
        return _BOOL, struct.pack("<B", value)
    if isinstance(value, int):
        return _UINT32, struct.pack("<I", value)
    if isinstance(value, float):
        return _FLOAT32, struct.pack("<f", value)
    if isinstance(value, str):
        return _STRING, _string(value)
    if all(isinstance(v, int) for v in value):
        kind, raw = _INT32, struct.pack(f"<{len(value)}i", *value)
    else:
        kind, raw = _value(value[0])[0], b"".join(_value(v)[1] for v in value)
    return _ARRAY, struct.pack("<IQ", kind, len(value)) + raw


def quantise(a):
    """Q8_0: blocks of 32 signed bytes under one half-precision scale."""
    blocks = a.astype(np.float32).reshape(-1, 32)
    scale = np.abs(blocks).max(1, keepdims=True) / 127
    whole = np.rint(np.divide(blocks, scale, out=np.zeros_like(blocks), where=scale > 0)).astype(np.int8)
    out = np.empty((len(blocks), 34), np.uint8)
    out[:, :2] = scale.astype(np.float16).view(np.uint8)
    out[:, 2:] = whole.view(np.uint8)
    return out.tobytes()


class Writer:
    def __init__(self, architecture):
        self._pairs = [("general.architecture", architecture)]
        self._tensors = []

    def add(self, key, value):
        self._pairs.append((key, value))

    def tensor(self, name, array, kind):
        array = np.ascontiguousarray(array)
        raw = quantise(array) if kind == Q8_0 else array.astype(np.float16 if kind == F16 else np.float32).tobytes()
        self._tensors.append((name, array.shape[::-1], kind, raw))

    def write(self, path):
        with open(path, "wb") as f:
            f.write(b"GGUF" + struct.pack("<IQQ", 3, len(self._tensors), len(self._pairs)))
            for key, value in self._pairs:
                kind, raw = _value(value)
                f.write(_string(key) + struct.pack("<I", kind) + raw)
            offset = 0
            for name, shape, kind, raw in self._tensors:
                f.write(_string(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, kind, offset))
                offset += -(-len(raw) // ALIGNMENT) * ALIGNMENT
            for _, _, _, raw in self._tensors:
                f.write(b"\0" * (-f.tell() % ALIGNMENT) + raw)


def read(path):
    """Pairs and tensors (float32 arrays) of a file as `Writer` makes it."""
    with open(path, "rb") as f:
        raw = f.read()
    at = 4

    def take(form):
        nonlocal at
        values = struct.unpack_from("<" + form, raw, at)
        at += struct.calcsize("<" + form)
        return values[0]

    def text():
        nonlocal at
        n = take("Q")
        at += n
        return raw[at - n:at].decode()

    def value(kind):
        if kind == _STRING:
            return text()
        if kind == _ARRAY:
            inner, n = take("I"), take("Q")
            return [value(inner) for _ in range(n)]
        return bool(take("B")) if kind == _BOOL else take({_UINT32: "I", _INT32: "i", _FLOAT32: "f"}[kind])

    if raw[:4] != b"GGUF" or take("I") != 3:
        raise ValueError(f"{path} is not a GGUF file of version 3")
    tensors, pairs = take("Q"), take("Q")
    found = {}
    for _ in range(pairs):
        key = text()
        found[key] = value(take("I"))
    listed = []
    for _ in range(tensors):
        name = text()
        shape = [take("Q") for _ in range(take("I"))][::-1]
        listed.append((name, shape, take("I"), take("Q")))
    start = -(-at // ALIGNMENT) * ALIGNMENT
    return found, {name: _array(raw, start + offset, shape, kind) for name, shape, kind, offset in listed}


def _array(raw, at, shape, kind):
    n = int(np.prod(shape))
    if kind == Q8_0:
        blocks = np.frombuffer(raw, np.uint8, n // 32 * 34, at).reshape(-1, 34)
        scale = blocks[:, :2].copy().view(np.float16).astype(np.float32)
        return (blocks[:, 2:].copy().view(np.int8) * scale).reshape(shape)
    return np.frombuffer(raw, np.float16 if kind == F16 else np.float32, n, at).astype(np.float32).reshape(shape)
