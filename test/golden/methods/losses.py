"""Token losses, and how they become one number."""

import torch


def policy_loss(log_ratio, advantage, options):
    """−min(r·A, clip(r)·A), for A < 0 at most −c·A; REINFORCE and RLOO know no clip."""
    if options["dialect"] != "verl-agent":
        log_ratio = log_ratio.clamp(-20, 20)
    ratio = log_ratio.exp()
    loss = -ratio * advantage
    if options["method"] in ("reinforce", "rloo"):
        return loss
    held = ratio.clamp(1 - options["clip_low"], 1 + options["clip_high"])
    loss = torch.maximum(loss, -held * advantage)
    if options["dual_clip"] is None:
        return loss
    return torch.where(advantage < 0, torch.minimum(loss, -options["dual_clip"] * advantage), loss)


def kl_loss(log_prob, reference, options):
    """The gradient is the estimator's own. The peers hold k3 within ±10."""
    d = reference - log_prob
    if options["kl_estimator"] == "k1":
        return -d
    if options["kl_estimator"] == "k2":
        return d * d / 2
    if options["dialect"] != "verl-agent":
        d = d.clamp(-20, 20)
    k3 = d.exp() - d - 1
    return k3 if options["dialect"] == "empg" else k3.clamp(-10, 10)


def value_loss(value, old, target, options):
    """Half the larger squared error, of the value and of the value held near the old one; verl-agent takes the whole."""
    held = old + (value - old).clamp(-options["value_clip"], options["value_clip"])
    larger = torch.maximum((value - target) ** 2, (held - target) ** 2)
    return larger if options["dialect"] == "verl-agent" else larger / 2


def weights(rows, options):
    """What each entry of each row weighs. rows: numbers of entries; an empty row is no sequence, except to verl-agent."""
    mode, old = options["loss_aggregation"], options["dialect"] == "verl-agent"
    count = len(rows) if old else sum(n > 0 for n in rows)
    weight = {
        "token-mean": lambda n: 1 / sum(rows),
        "token-sum": lambda n: 1.0,
        "seq-mean-token-sum": lambda n: 1 / count,
        "seq-mean-token-mean": lambda n: 1 / (count * n),
        "seq-mean-token-sum-norm": lambda n: 1 / ((1 if old else count) * options.get("loss_norm", 1)),
    }[mode]
    return torch.tensor([weight(n) for n in rows for _ in range(n)], dtype=torch.float64)


def rows_of(batch, options, entries):
    """Entries of each sequence: a trajectory; to verl-agent a step. entries: of a step, its tokens or 1."""
    steps = [[entries(s) for s in t["steps"]] for t in batch]
    return [n for own in steps for n in own] if options["dialect"] == "verl-agent" else [sum(own) for own in steps]
