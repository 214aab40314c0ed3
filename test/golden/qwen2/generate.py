"""Writes vectors/*.json: what transformers' Qwen2ForCausalLM says in float32 on the CPU.

    python test/golden/qwen2/generate.py

Weights and tokens come from hashed.py. Everything is computed twice, with both attention implementations that
transformers has, and refused where they part: a vector that hangs on a rounding would hold nobody to anything.
"""

import base64
import copy
import json
from pathlib import Path

import numpy as np
import peft
import torch
import transformers

from hashed import centred, integers, weights, words
from lora import ADAPTERS, adapted, factors, settings
from torch_update import adamw, sampled_scores, sequences_of, step, surrogate, token_scores

FOLDER = Path(__file__).parent / "vectors"
LAYERS, POSITIONS = 2, 256
#        name            V     D    F    heads keyHeads headDim tied   base eps   temperature
SHAPES = [
    ("width-20", 257, 20, 36, 5, 1, 4, True, 1e4, 1e-6, 0.7),
    ("width-36", 257, 36, 50, 3, 3, 12, False, 1e6, 1e-5, 1.3),
    ("width-44", 131, 44, 60, 2, 1, 64, True, 1e6, 1e-6, 1.2),
    ("width-56", 1021, 56, 72, 14, 2, 8, True, 1e6, 1e-6, 0.8),
    ("width-60", 401, 60, 77, 4, 2, 32, False, 1e4, 1e-3, 0.9),
    ("width-96", 509, 96, 140, 6, 3, 16, True, 1e4, 1e-5, 1.1),
    ("width-100", 257, 100, 130, 5, 5, 20, False, 5e5, 1e-6, 1.5),
]
SCORED_LENGTHS = [150, 23, 1, 66]
SURROGATE = {"clip_low": 0.2, "clip_high": 0.28, "kl_coefficient": 0.01}
OPTIMIZER = {"learning_rate": 4e-4, "schedule": "linear", "warmup_updates": 3, "final_fraction": 0.1}
OPTIMIZER |= {"beta1": 0.9, "beta2": 0.98, "eps": 1e-8, "weight_decay": 2.0, "max_grad_norm": 1.0}
UPDATES = 20
MOVED = 0.03


def main():
    torch.manual_seed(0)
    FOLDER.mkdir(exist_ok=True)
    for name, *shape in SHAPES:
        text = "{\n" + ",\n".join(f'"{key}": {compact(value)}' for key, value in vectors(name, *shape).items()) + "\n}\n"
        (FOLDER / f"{name}.json").write_text(text)
    versions = {library.__name__: library.__version__ for library in (torch, transformers, peft, np)}
    print(json.dumps(versions))


def vectors(name, V, D, F, heads, key_heads, head_dim, tied, base, eps, temperature):
    config = transformers.Qwen2Config(
        vocab_size=V,
        hidden_size=D,
        intermediate_size=F,
        num_hidden_layers=LAYERS,
        num_attention_heads=heads,
        num_key_value_heads=key_heads,
        head_dim=head_dim,
        max_position_embeddings=POSITIONS,
        rms_norm_eps=eps,
        rope_parameters={"rope_type": "default", "rope_theta": base},
        tie_word_embeddings=tied,
    )
    make = lambda attention, moved=0.0: build(name, config, attention, moved)
    model, other = make("eager"), make("sdpa")
    trajectories = trajectories_of(name, model, V, temperature)
    lora = {"lora": with_adapter(name, make, model, trajectories, temperature)} if name in ADAPTERS else {}
    return {
        "config": json.loads(config.to_json_string(use_diff=False)),
        "parameters": {name: list(p.shape) for name, p in model.named_parameters()},
        "temperature": temperature,
        "moved": MOVED,
        "scores": scores(name, model, other, V, temperature),
        "logits": logits(name, model, other, V),
        "greedy": greedy(name, model, V),
        "trajectories": trajectories,
        "surrogate": SURROGATE,
        "update": update(make, trajectories, temperature),
        "optimizer": OPTIMIZER,
        "training": training(make, trajectories, temperature),
    } | lora


def build(seed, config, attention, moved):
    config = copy.deepcopy(config)
    config._attn_implementation = attention
    model = transformers.Qwen2ForCausalLM._from_config(config, dtype=torch.float32)
    assert model.config._attn_implementation == attention
    model.eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.copy_(torch.from_numpy(weights(seed, name, tuple(parameter.shape), moved)))
    return model


def agree(what, a, b, tolerance):
    """The larger difference of two computations must be well below the tolerance it will be compared with."""
    difference = (torch.as_tensor(a) - torch.as_tensor(b)).abs().max().item()
    print(f"    {what}: {difference:.1e} between the two attentions")
    assert difference < tolerance / 3, what


@torch.no_grad()
def scores(name, model, other, V, temperature):
    sequences = [integers(f"{name}/scored/{n}", n, V) for n in SCORED_LENGTHS]
    both = [
        [torch.cat(numbers) for numbers in zip(*(token_scores(m, ids, temperature) for ids in sequences if len(ids) > 1))]
        for m in (model, other)
    ]
    agree(f"{name} scores", torch.stack(both[0]), torch.stack(both[1]), 1e-4)
    log_p, entropy = both[0]
    return {"sequences": sequences, "logprobs": packed(log_p), "entropies": packed(entropy)}


@torch.no_grad()
def logits(name, model, other, V):
    context = integers(f"{name}/context", 7, V)
    found, again = (m(torch.tensor([context]), use_cache=False).logits[0, -1] for m in (model, other))
    agree(f"{name} logits", found, again, 1e-4)
    return {"context": context, "values": packed(found)}


@torch.no_grad()
def greedy(name, model, V, count=32, margin=1e-3):
    """Prompts, two of them with one prefix, whose greedy continuation never hangs on less than `margin`."""
    for attempt in range(100):
        draw = lambda part, n: integers(f"{name}/prompt/{attempt}/{part}", n, V)
        shared = draw("shared", 9)
        prompts = [([], draw("alone", 11)), (shared, draw("first", 3)), (shared, draw("second", 6))]
        runs = []
        for prefix, tokens in prompts:
            ids = torch.tensor([prefix + tokens])
            for _ in range(count):
                best = model(ids, use_cache=False).logits[0, -1].topk(2)
                if best.values[0] - best.values[1] < margin:
                    break
                ids = torch.cat([ids, best.indices[:1, None]], 1)
            drawn = ids[0, len(prefix) + len(tokens) :].tolist()
            if len(drawn) < count:
                break
            prompt = ids[:, :-count]
            generated = model.generate(
                prompt, attention_mask=torch.ones_like(prompt), do_sample=False, max_new_tokens=count, pad_token_id=0
            )
            assert generated[0].tolist() == ids[0].tolist()
            runs.append({"prefix": prefix, "tokens": tokens, "drawn": drawn})
        if len(runs) == len(prompts):
            return runs
    raise AssertionError(f"{name}: no prompts with clear continuations")


@torch.no_grad()
def trajectories_of(name, model, V, temperature):
    """Two groups: turns that extend one context after a shared prompt, and turns with a prompt each."""
    draw = lambda part, n: integers(f"{name}/trajectory/{part}", n, V)
    opening = draw("opening", 11)
    lengths = [[(11, 5), (4, 3)], [(11, 1), (2, 7)], [(11, 6), (3, 4)], [(9, 4), (13, 5)], [(6, 8), (1, 2)]]
    trajectories = []
    for t, steps in enumerate(lengths):
        appended = t < 3
        trajectory = {"group": "appended" if appended else "fresh", "steps": []}
        for s, (prompt, count) in enumerate(steps):
            ids = opening if appended and s == 0 else draw(f"{t}/{s}/prompt", prompt)
            step = {"context": "append" if appended else "fresh", "prompt_tokens": ids}
            trajectory["steps"].append(step | {"tokens": draw(f"{t}/{s}/tokens", count)})
        trajectories.append(trajectory)
    log_p, _ = sampled_scores(model, trajectories, temperature)
    total = len(log_p)
    noise = torch.from_numpy(0.5 * centred(f"{name}/old", total)).float()
    # A ratio at the very bound of the clip would decide by rounding.
    for bound in (1 - SURROGATE["clip_low"], 1 + SURROGATE["clip_high"]):
        noise = torch.where(((-noise).exp() - bound).abs() < 0.01, noise + 0.03, noise)
    old = (log_p + noise).tolist()
    weight = ((1 + 0.5 * centred(f"{name}/weight", total)) / total).tolist()
    weight = [0.0 if i % 7 == 3 else float(np.float32(w)) for i, w in enumerate(weight)]
    advantages = iter((1.5 * centred(f"{name}/advantage", sum(map(len, lengths)))).tolist())
    at = 0
    for trajectory in trajectories:
        for step in trajectory["steps"]:
            end = at + len(step["tokens"])
            step["logprobs"] = old[at:end]
            step["weights"] = weight[at:end]
            step["advantage"] = float(np.float32(next(advantages)))
            at = end
    return trajectories


def loss_of(model, reference, trajectories, temperature):
    log_p, _ = sampled_scores(model, trajectories, temperature)
    steps = [step for t in trajectories for step in t["steps"]]
    flat = lambda key: torch.tensor([x for step in steps for x in step[key]])
    advantage = torch.tensor([step["advantage"] for step in steps for _ in step["tokens"]])
    return surrogate(log_p, flat("logprobs"), reference, advantage, flat("weights"), SURROGATE)


def update(make, trajectories, temperature):
    """Losses and the gradient of every parameter, before any step."""
    with torch.no_grad():
        reference, _ = sampled_scores(make("eager", MOVED), trajectories, temperature)

    def trained(attention):
        model = make(attention)
        return model, dict(model.named_parameters())

    return losses_and_gradients(trained, reference, trajectories, temperature)


def losses_and_gradients(trained, reference, trajectories, temperature):
    """trained: from an attention to a model and those of its parameters that are trained."""
    both = []
    for attention in ("eager", "sdpa"):
        model, parameters = trained(attention)
        policy, kl, clipped = loss_of(model, reference, trajectories, temperature)
        (policy + kl).backward()
        both.append({name: p.grad.double() for name, p in parameters.items()})
    worst = max(((g - both[1][n]).norm() / g.norm()).item() for n, g in both[0].items())
    agree("gradients, relative", worst, 0.0, 1e-3)
    norm = sum(g.square().sum() for g in both[0].values()).sqrt().item()
    return {
        "policy_loss": policy.item(),
        "kl_loss": kl.item(),
        "clip_fraction": clipped.item(),
        "grad_norm": norm,
        "gradients": {name: sketch(name, g.flatten()) for name, g in both[0].items()},
    }


def with_adapter(name, make, base, trajectories, temperature):
    """The same update of an adapter; the reference policy is the model without it."""

    def trained(attention):
        model = adapted(name, make(attention))
        return model, factors(model)

    with torch.no_grad():
        reference, _ = sampled_scores(base, trajectories, temperature)
        model, parameters = trained("eager")
        moved, _ = sampled_scores(model, trajectories, temperature)
    old = torch.tensor([x for t in trajectories for step in t["steps"] for x in step["logprobs"]])
    for bound in (1 - SURROGATE["clip_low"], 1 + SURROGATE["clip_high"]):
        assert ((moved - old).exp() - bound).abs().min() > 1e-4, "a ratio lies at a bound of the clip"
    shapes = {key: list(p.shape) for key, p in parameters.items()}
    update = losses_and_gradients(trained, reference, trajectories, temperature)
    return settings(name) | {"parameters": shapes, "logprobs": packed(moved), "update": update}


def sketch(name, gradient):
    """A gradient in little: its norm, eight sums with random signs over all of it, and some of its elements."""
    count = len(gradient)
    drawn = words(f"sketch/{name}", count)
    signs = [1.0 - 2.0 * ((drawn >> np.uint32(bit)) & np.uint32(1)).astype(np.float64) for bit in range(8)]
    sums = [float(gradient.numpy() @ sign) for sign in signs]
    at = list(range(count)) if count <= 128 else integers(f"elements/{name}", 64, count)
    return {"norm": gradient.norm().item(), "sums": packed(sums), "elements": packed(gradient[at])}


def training(make, trajectories, temperature):
    """Losses before each of 20 updates on the same trajectories, and each gradient's norm."""
    with torch.no_grad():
        reference, _ = sampled_scores(make("eager", MOVED), trajectories, temperature)
    curves = []
    for attention in ("eager", "sdpa"):
        model = make(attention)
        optimizer = adamw(model, OPTIMIZER)
        curve = []
        for update in range(1, UPDATES + 1):
            policy, kl, _ = loss_of(model, reference, trajectories, temperature)
            norm = step(model, optimizer, policy + kl, OPTIMIZER["max_grad_norm"], learning_rate(update))
            curve.append([policy.item(), kl.item(), norm])
        curves.append(torch.tensor(curve, dtype=torch.float64))
    losses = curves[0][:, :2]
    agree("20 updates, losses", losses, curves[1][:, :2], 1e-3)
    totals = losses.sum(1)
    print("    loss", [f"{x:.3f}" for x in totals.tolist()], "norms", [f"{x:.2f}" for x in curves[0][:, 2].tolist()])
    assert totals[-1] < totals[0] - 0.05
    policy, kl, norms = curves[0].T.tolist()
    return {"policy_loss": policy, "kl_loss": kl, "grad_norms": norms}


def learning_rate(update):
    """A linear rise over the warm-up, then a linear fall to final_fraction."""
    rate, warmup, final = (OPTIMIZER[key] for key in ("learning_rate", "warmup_updates", "final_fraction"))
    if update <= warmup:
        return rate * update / warmup
    left = 1 - (update - warmup) / (UPDATES - warmup)
    return rate * (final + (1 - final) * left)


def packed(numbers):
    """Base64 of little-endian float32."""
    return base64.b64encode(np.asarray(numbers, dtype="<f4").tobytes()).decode()


def compact(value):
    return json.dumps(value, separators=(",", ":"))


main()
