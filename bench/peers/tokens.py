"""Tokens per second of PyTorch at empg's two figures: decode (64 rows) and update (64 × 256 tokens).

Needs torch; with transformers installed the model is its Qwen2ForCausalLM, otherwise the plain Qwen2 below.
Same model, sizes and f32 numbers as bench/model-size.ts, on as many threads as torch takes by itself
(--threads N to set them). Prints one JSON object.

    python bench/peers/tokens.py            alone
    bun bench/peers/run.ts --python PATH    beside empg, with the ratio
"""

import argparse
import json
import math
import statistics
import time

import torch
import torch.nn.functional as F
from torch import nn

try:
    import transformers
except ImportError:
    transformers = None

V, D, FF, LAYERS, HEADS, KEY_HEADS = 1024, 128, 352, 4, 4, 2
HEAD_DIM = D // HEADS
SEQUENCES, LENGTH, PROMPT, DECODED, PER_MICRO_BATCH = 64, 256, 64, 32, 8
EPSILON, ROPE_BASE, POSITIONS = 1e-6, 10_000.0, 512


class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.input_norm = nn.Parameter(torch.ones(D))
        self.qkv = nn.Linear(D, (HEADS + 2 * KEY_HEADS) * HEAD_DIM)
        self.output = nn.Linear(HEADS * HEAD_DIM, D, bias=False)
        self.attention_norm = nn.Parameter(torch.ones(D))
        self.gate_up = nn.Linear(D, 2 * FF, bias=False)
        self.down = nn.Linear(FF, D, bias=False)

    def forward(self, x, cos, sin, cache, start):
        """x (B, T, D); cache: keys and values (B, KEY_HEADS, POSITIONS, HEAD_DIM) filled up to start, or None."""
        batch, count, _ = x.shape
        qkv = self.qkv(F.rms_norm(x, (D,), self.input_norm, EPSILON))
        qkv = qkv.view(batch, count, -1, HEAD_DIM).transpose(1, 2)
        q, k, v = qkv.split([HEADS, KEY_HEADS, KEY_HEADS], dim=1)
        q, k = turn(q, cos, sin), turn(k, cos, sin)
        if cache is not None:
            keys, values = cache
            keys[:, :, start : start + count] = k
            values[:, :, start : start + count] = v
            k, v = keys[:, :, : start + count], values[:, :, : start + count]
        causal = count > 1
        a = F.scaled_dot_product_attention(q, k, v, is_causal=causal, enable_gqa=True)
        x = x + self.output(a.transpose(1, 2).reshape(batch, count, -1))
        gate, up = self.gate_up(F.rms_norm(x, (D,), self.attention_norm, EPSILON)).chunk(2, -1)
        return x + self.down(F.silu(gate) * up)


def turn(x, cos, sin):
    a, b = x.chunk(2, -1)
    return x * cos + torch.cat([-b, a], -1) * sin


class PlainQwen2(nn.Module):
    """The same architecture in plain PyTorch: tied embeddings, biases on queries, keys and values."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(V, D)
        nn.init.normal_(self.embedding.weight, std=0.02)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))
        self.norm = nn.Parameter(torch.ones(D))
        angle = torch.outer(
            torch.arange(POSITIONS).float(),
            ROPE_BASE ** (-torch.arange(HEAD_DIM // 2).float() / (HEAD_DIM // 2)),
        ).repeat(1, 2)
        self.register_buffer("cos", angle.cos(), persistent=False)
        self.register_buffer("sin", angle.sin(), persistent=False)

    def forward(self, tokens, cache=None, start=0, last=False):
        x = self.embedding(tokens)
        positions = slice(start, start + tokens.shape[1])
        for i, layer in enumerate(self.layers):
            x = layer(x, self.cos[positions], self.sin[positions], cache and cache[i], start)
        x = x[:, -1:] if last else x
        return F.linear(F.rms_norm(x, (D,), self.norm, EPSILON), self.embedding.weight)


def new_cache():
    shape = (SEQUENCES, KEY_HEADS, PROMPT + DECODED, HEAD_DIM)
    return [(torch.zeros(shape), torch.zeros(shape)) for _ in range(LAYERS)]


def make_model():
    if transformers is None:
        return PlainQwen2()
    config = transformers.Qwen2Config(
        vocab_size=V,
        hidden_size=D,
        intermediate_size=FF,
        num_hidden_layers=LAYERS,
        num_attention_heads=HEADS,
        num_key_value_heads=KEY_HEADS,
        max_position_embeddings=POSITIONS,
        rms_norm_eps=EPSILON,
        tie_word_embeddings=True,
        attn_implementation="sdpa",
    )
    return transformers.Qwen2ForCausalLM(config)


def logits_of(model, tokens):
    found = model(tokens)
    return found if torch.is_tensor(found) else found.logits


@torch.no_grad()
def decode(model):
    """Seconds to sample DECODED tokens for every sequence, prompts already in the cache."""
    tokens = torch.randint(V, (SEQUENCES, PROMPT))
    if transformers is None:
        cache = new_cache()
        model(tokens[:, :-1], cache, 0, True)
        step = lambda t, at: model(t, cache, at, True)
    else:
        cache = transformers.DynamicCache()
        model(tokens[:, :-1], past_key_values=cache, logits_to_keep=1)
        step = lambda t, at: model(t, past_key_values=cache, logits_to_keep=1).logits
    token = tokens[:, -1:]
    start = time.perf_counter()
    for i in range(DECODED):
        log_p = step(token, PROMPT - 1 + i)[:, -1].log_softmax(-1)
        token = torch.multinomial(log_p.exp(), 1)
        # As empg does: each token with its log-probability and entropy, read back at every step.
        log_p.gather(1, token).tolist(), (-(log_p.exp() * log_p).sum(-1)).tolist()
    return time.perf_counter() - start


def update(model, optimizer, tokens):
    """Seconds for one optimizer step over all sequences, in micro-batches."""
    start = time.perf_counter()
    for part in tokens.split(PER_MICRO_BATCH):
        log_p = logits_of(model, part)[:, :-1].log_softmax(-1)
        chosen = log_p.gather(-1, part[:, 1:, None])
        (-chosen.sum() / (SEQUENCES * (LENGTH - 1))).backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    optimizer.zero_grad()
    return time.perf_counter() - start


def check_against_math(model, tokens):
    """One uniform-ish distribution: the loss of random tokens under a fresh model is near ln V."""
    with torch.no_grad():
        loss = F.cross_entropy(logits_of(model, tokens)[:, :-1].reshape(-1, V), tokens[:, 1:].reshape(-1))
    if abs(loss.item() - math.log(V)) > 0.5:
        raise SystemExit(f"loss {loss.item()} of a fresh model is far from ln V = {math.log(V)}")


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--threads", type=int)
    options.add_argument("--runs", type=int, default=5)
    arguments = options.parse_args()
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    torch.manual_seed(0)
    model = make_model()
    tokens = torch.randint(V, (SEQUENCES, LENGTH))
    check_against_math(model, tokens[:2])
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, betas=(0.9, 0.95), weight_decay=0.1)
    median = lambda run: statistics.median([run() for _ in range(arguments.runs + 1)][1:])
    decode_seconds = median(lambda: decode(model))
    update_seconds = median(lambda: update(model, optimizer, tokens))
    report = {
        "torch": torch.__version__,
        "transformers": transformers and transformers.__version__,
        "threads": torch.get_num_threads(),
        "parameters": sum(p.numel() for p in model.parameters()),
        "decode_tokens_per_s": SEQUENCES * DECODED / decode_seconds,
        "update_tokens_per_s": SEQUENCES * LENGTH / update_seconds,
    }
    print(json.dumps(report))


main()
