"""EMPG (arXiv 2509.09265, stages 1 to 3) on the advantages of any method, in plain f64."""

import math

import numpy as np


def modulate(batch, base, options):
    """base as advantages.py makes it → the same form. A token-level advantage is modulated by its step's g and bonus; in the
    mean that is taken away the step has one vote, the mean of its tokens."""
    if options["type"] == "none":
        return base
    entropy = [[step_entropy(s["entropies"], options["step_entropy"]) for s in t["steps"]] for t in batch]
    result = [list(steps) for steps in base]
    for indices in scopes(batch, options["scope"]):
        modulate_scope(indices, entropy, base, result, options)
    return result


def step_entropy(nats, mode):
    if not nats:
        return None
    return {"mean": np.mean(nats), "max": max(nats), "first": nats[0]}[mode]


def scopes(batch, scope):
    names = [t["group"] if scope == "group" else "" for t in batch]
    return [[i for i, name in enumerate(names) if name == own] for own in dict.fromkeys(names)]


def normalizer(found, mode, eps):
    if mode == "z-score":
        return lambda h: (h - np.mean(found)) / (np.std(found) + eps)
    low, high = (min(found), max(found)) if mode == "min-max" else np.percentile(found, [5, 95])
    held = (lambda h: min(max(h, 0.0), 1.0)) if mode == "robust" else (lambda h: h)
    return lambda h: held((h - low) / (high - low + eps))


def modulate_scope(indices, entropy, base, result, options):
    places = [(i, t) for i in indices for t, nats in enumerate(entropy[i]) if nats is not None]
    normalize = normalizer([entropy[i][t] for i, t in places], options["normalization"], options["eps"])
    h = {(i, t): normalize(entropy[i][t]) for i, t in places}
    gate = {place: math.exp(-options["k"] * x) for place, x in h.items()}
    mean_gate = sum(gate.values()) / len(gate) + options["eps"]
    # A step has the bonus where it and the step right after it have tokens.
    bonus = {(i, t): options["zeta"] * math.exp(-options["k_prime"] * h[i, t + 1]) for i, t in places if (i, t + 1) in h}
    for i, t in places:
        over = lambda a: a * gate[i, t] / mean_gate + bonus.get((i, t), 0.0)
        result[i][t] = [over(a) for a in base[i][t]] if isinstance(base[i][t], list) else over(base[i][t])
    of_step = {(i, t): float(np.mean(result[i][t])) for i, t in places}
    if options["center"] == "bonus":
        shift = {place: sum(bonus.values()) / len(bonus) for place in bonus} if bonus else {}
    elif options["center"] == "trajectory":
        own = [[of_step[i, t] for t in range(len(entropy[i])) if (i, t) in of_step] for i in indices]
        shift = dict.fromkeys(places, np.mean([np.mean(x) for x in own if x]))
    else:
        shift = dict.fromkeys(places, np.mean(list(of_step.values())))
    for (i, t), by in shift.items():
        step = result[i][t]
        result[i][t] = [float(a - by) for a in step] if isinstance(step, list) else float(step - by)
