"""Numbers that Python and TypeScript (hashed.ts) make alike, so that no weights need to be stored.

    h       = FNV-1a (32 bits) of the stream's name
    word[i] = fmix32(h + i · 0x9E3779B9)            fmix32: the last steps of MurmurHash3
    c[i]    = 2 · (word[i] >> 8) / 2²⁴ − 1          in [−1, 1)
"""

import numpy as np


def words(stream, count):
    """count words (uint32) of the stream of this name."""
    start = 0x811C9DC5
    for byte in stream.encode():
        start = ((start ^ byte) * 0x01000193) & 0xFFFFFFFF
    x = np.uint32(start) + np.arange(count, dtype=np.uint32) * np.uint32(0x9E3779B9)
    x = (x ^ (x >> np.uint32(16))) * np.uint32(0x85EBCA6B)
    x = (x ^ (x >> np.uint32(13))) * np.uint32(0xC2B2AE35)
    return x ^ (x >> np.uint32(16))


def centred(stream, count):
    """count numbers (float64) from −1 to 1."""
    return 2.0 * (words(stream, count) >> np.uint32(8)).astype(np.float64) / 2.0**24 - 1.0


def integers(stream, count, below):
    return [int(word) % below for word in words(stream, count)]


def weights(seed, name, shape, moved=0.0):
    """A parameter (float32): norms around 1, biases that are not 0, matrices of standard deviation 0.2,
    and adapters that move the policy a little.

    moved: how far a second model stands from the first.
    """
    count = int(np.prod(shape))
    c = centred(f"{seed}/{name}", count)
    if name.endswith("norm.weight"):
        values = 1.0 + 0.3 * c
    elif name.endswith("bias"):
        values = 0.3 * c
    elif name.endswith("lora_B.weight"):
        values = 0.05 * c
    else:
        values = 0.35 * c
    values = values + moved * centred(f"{seed}/moved/{name}", count)
    return values.astype(np.float32).reshape(shape)
