"""Tokens per second of transformers in float32 at the figures of model.ts: python bench/peers/model.py MODEL TOKENS"""

import json
import statistics
import sys
import time

import torch
import transformers

RUNS, DECODED, PROMPT = 3, 3, 8


def seconds(work):
    """Median of a few runs after a first one."""
    work()
    taken = []
    for _ in range(RUNS):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def main():
    path, count = sys.argv[1], int(sys.argv[2])
    model = transformers.AutoModelForCausalLM.from_pretrained(path, dtype=torch.float32)
    ids = torch.tensor([[(i * 7919) % model.config.vocab_size for i in range(count)]])
    figures = {}

    @torch.no_grad()
    def score():
        log_p = model(ids).logits[0, :-1].log_softmax(-1)
        log_p.gather(1, ids[0, 1:, None]).tolist(), (-(log_p.exp() * log_p).sum(-1)).tolist()

    figures["score"] = count / seconds(score)
    for rows in (1, 16, 64):
        cache = transformers.DynamicCache()
        prompt = ids[:, :PROMPT].expand(rows, -1)
        with torch.no_grad():
            model(prompt, past_key_values=cache, logits_to_keep=1)

        @torch.no_grad()
        def decode():
            for _ in range(DECODED):
                out = model(ids[:, :1].expand(rows, -1), past_key_values=cache, logits_to_keep=1)
                torch.multinomial(out.logits[:, -1].softmax(-1), 1).tolist()

        figures[f"decode_{rows}"] = rows * DECODED / seconds(decode)

    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-6)

    def update():
        log_p = model(ids).logits[0, :-1].log_softmax(-1)
        (-log_p.gather(1, ids[0, 1:, None]).sum() / count).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()

    figures["update"] = count / seconds(update)
    print(json.dumps(figures))


main()
