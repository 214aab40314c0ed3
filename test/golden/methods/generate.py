"""Writes trajectories.jsonl, logprobs.json and cases/: one policy update of every method, in PyTorch and f64.

    python test/golden/methods/generate.py

Everything follows empg's specifications and the papers; nothing is read from src/. README.md tells what was chosen where they are silent.
"""

import json
import shutil
import sys
from pathlib import Path

FOLDER = Path(__file__).parent
sys.path.insert(0, str(FOLDER.parent / "qwen2"))

import peft
import torch
import transformers

from advantages import advantages
from cases import CASES, VARIANTS, resolved
from episodes import FAULT, episodes, log_ratios
from losses import kl_loss, policy_loss, rows_of, value_loss, weights
from modulation import modulate
from policy import ADAPTERS, DIRECTORIES, RANK, Policy, scores

# How near to a bound of a clip a number may lie: rounding must not decide.
MARGIN = 1e-4
BETAS = (0.9, 0.98)


def main():
    check_policies()
    stored = episodes()
    logprobs = {name: stored_logprobs(name, stored) for name in VARIANTS}
    shutil.rmtree(FOLDER / "cases", ignore_errors=True)
    (FOLDER / "cases").mkdir()
    lines = [json.dumps(t) for t in with_logprobs(stored, logprobs["plain"])]
    (FOLDER / "trajectories.jsonl").write_text("\n".join(lines) + "\n")
    rows = ",\n".join(f"{json.dumps(name)}: {json.dumps(numbers)}" for name, numbers in logprobs.items() if name != "plain")
    (FOLDER / "logprobs.json").write_text(f"{{{rows}}}\n")
    records = {}
    for case in CASES:
        record = {**case, "policy": VARIANTS[case["variant"]][0], **expected(case, with_logprobs(stored, logprobs[case["variant"]]))}
        records.setdefault(method_of(case), []).append(record)
        print(case["name"], record["expected"])
    for method, found in records.items():
        text = ",\n".join(json.dumps(record) for record in found)
        (FOLDER / "cases" / f"{method}.json").write_text(f"[\n{text}\n]\n")
    print({"torch": torch.__version__, "transformers": transformers.__version__, "peft": peft.__version__})


def method_of(case):
    return case["set"][0].removeprefix("algorithm.method=")


@torch.no_grad()
def check_policies():
    """The policies of policy.py say what transformers and PEFT say, in whose f32 norms the difference lies."""
    ids = [t for s in episodes()[2]["steps"] for t in s["prompt_tokens"] + s["tokens"]]
    for kind in ("dense", *ADAPTERS):
        model = transformers.Qwen2ForCausalLM.from_pretrained(DIRECTORIES / "float32", dtype=torch.float64, attn_implementation="eager")
        if kind != "dense":
            model = peft.PeftModel.from_pretrained(model, DIRECTORIES / "adapter")
            for module in model.modules():
                if isinstance(module, peft.tuners.lora.LoraLayer):
                    module.scaling["default"] = ADAPTERS[kind] / RANK**0.5
        theirs = model(torch.tensor([ids]), use_cache=False).logits[0]
        gap = (theirs - Policy(kind, False).rows(ids)[0]).abs().max() / theirs.abs().max()
        assert gap < 1e-5, (kind, gap)


@torch.no_grad()
def stored_logprobs(name, stored):
    """What the sampler said: the current log-probability less a hashed log-ratio, never above 0."""
    kind, temperature, extreme = VARIANTS[name]
    now = scores(Policy(kind, False), stored, temperature)[0].tolist()
    old = [p - r if p - r < -0.01 else p - abs(r) for p, r in zip(now, log_ratios(len(now), name))]
    if extreme:
        # Of an episode with a negative and of one with a positive advantage.
        for episode in ("iron#1", "iron#0"):
            at = sum(len(s["tokens"]) for t in stored[: [t["episode"] for t in stored].index(episode)] for s in t["steps"])
            old[at] = now[at] - 25
    return [round(x, 6) for x in old]


def with_logprobs(stored, logprobs):
    numbers = iter(logprobs)
    return [
        {**t, "steps": [{**s, "logprobs": [next(numbers) for _ in s["tokens"]]} for s in t["steps"]]} for t in stored
    ]


def used(trajectories, options):
    """No faults; and where they are dropped no groups of equal returns, as stored."""
    played = [t for t in trajectories if t["end"] != "fault"]
    if options["uniform_groups"] == "keep":
        return played
    spread = lambda group: len({t["return"] for t in played if t["group"] == group}) > 1
    return [t for t in played if spread(t["group"])]


def expected(case, trajectories):
    options, modulation, train, optimizer = resolved(case)
    kind, temperature, _ = VARIANTS[case["variant"]]
    critic = options["method"] == "ppo"
    batch = used(trajectories, options)
    policy = Policy(kind, critic)
    with torch.no_grad():
        reference = scores(Policy("dense", False), batch, temperature)[0]
        old_values = scores(policy, batch, temperature)[2]
    before, targets = advantages(batch, old_values.tolist() if critic else None, options)
    after = modulate(batch, before, modulation)
    data = tokens_of(batch, after, reference, old_values, targets, options)
    adamw = torch.optim.AdamW(policy.parameters(), lr=optimizer.get("learning_rate", 2e-4), betas=BETAS, eps=optimizer.get("eps", 1e-8), weight_decay=0.0)
    reports = []
    for _ in range(int(train.get("epochs", 1))):
        adamw.zero_grad()
        loss, report = total_loss(scores(policy, batch, temperature), data, options)
        loss.backward()
        report["grad_norm"] = torch.nn.utils.clip_grad_norm_(policy.parameters(), optimizer.get("max_grad_norm", 1.0)).item()
        adamw.step()
        reports.append(report)
    mean = {key: round_to(sum(r[key] for r in reports) / len(reports)) for key in reports[0]}
    return {"expected": mean, "advantages": steps_of(trajectories, batch, before), "modulated": steps_of(trajectories, batch, after)}


def tokens_of(batch, after, reference, old_values, targets, options):
    """What the losses need of every sampled token, and of every prediction of the critic."""
    spread = lambda a, n: a if isinstance(a, list) else [a] * n
    advantage = [a for t, own in zip(batch, after) for s, step in zip(t["steps"], own) if s["tokens"] for a in spread(step, len(s["tokens"]))]
    data = {
        "old": torch.tensor([x for t in batch for s in t["steps"] for x in s["logprobs"]], dtype=torch.float64),
        "advantage": torch.tensor(advantage, dtype=torch.float64),
        "reference": reference,
        "weight": weights(rows_of(batch, options, lambda s: len(s["tokens"])), options),
    }
    if targets is None:
        return data
    counts = [len(s["tokens"]) for t in batch for s in t["steps"]]
    by_turn = options["gae"] == "turn"
    at = [i for i in range(sum(counts)) if not by_turn or i in {sum(counts[:n]) for n, count in enumerate(counts) if count}]
    entries = (lambda s: min(len(s["tokens"]), 1)) if by_turn else (lambda s: len(s["tokens"]))
    return {
        **data,
        "predictions": torch.tensor(at),
        "old_values": old_values[at],
        "targets": torch.tensor(targets, dtype=torch.float64),
        "value_weight": weights(rows_of(batch, options, entries), options),
    }


def total_loss(found, data, options):
    log_prob, entropy, values = found
    log_ratio = log_prob - data["old"]
    check_margins(log_ratio.detach(), (data["reference"] - log_prob).detach(), options)
    terms = {
        "policy_loss": (data["weight"] * policy_loss(log_ratio, data["advantage"], options)).sum(),
        "kl_loss": options["kl_coefficient"] * (data["weight"] * kl_loss(log_prob, data["reference"], options)).sum(),
        "entropy": (data["weight"] * entropy).sum(),
    }
    loss = terms["policy_loss"] + terms["kl_loss"] - options["entropy_coefficient"] * terms["entropy"]
    if values is not None:
        errors = value_loss(values[data["predictions"]], data["old_values"], data["targets"], options)
        gap = (values[data["predictions"]] - data["old_values"]).detach().abs()
        far_from(options["value_clip"], gap)
        terms["value_loss"] = (data["value_weight"] * errors).sum()
        loss = loss + options["value_coefficient"] * terms["value_loss"]
    return loss, {key: value.item() for key, value in {"loss": loss, **terms}.items()}


def check_margins(log_ratio, d, options):
    """The gradient jumps where a ratio meets a bound of its clip, or a KL its limit."""
    far_from(20.0, log_ratio.abs())
    if options["dialect"] != "empg":
        far_from(10.0, d.exp() - d - 1)
    if "clip_low" in options:
        for bound in (1 - options["clip_low"], 1 + options["clip_high"], options["dual_clip"]):
            far_from(bound or torch.inf, log_ratio.exp())


def far_from(bound, numbers):
    nearest = (numbers - bound).abs().min().item()
    assert nearest > MARGIN, (bound, nearest)


def steps_of(trajectories, batch, numbers):
    """{episode: [number, or one per token, of each step]}; null where a step has no token or the episode is not used."""
    names = [t["episode"] for t in batch]
    result = {}
    for t in trajectories:
        own = numbers[names.index(t["episode"])] if t["episode"] in names else [None] * len(t["steps"])
        result[t["episode"]] = [rounded(a) if s["tokens"] else None for s, a in zip(t["steps"], own)]
    return result


def rounded(numbers):
    return [round_to(x) for x in numbers] if isinstance(numbers, list) else None if numbers is None else round_to(numbers)


def round_to(number):
    return float(f"{number:.9g}")


if __name__ == "__main__":
    main()
