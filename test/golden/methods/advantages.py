"""Advantages of the base methods. A batch is a list of trajectories; what comes out has, for each of them and each of its
steps, a number, or for GAE over tokens a list of numbers (one for each token); None for a step without tokens under GAE."""

import math
from collections import defaultdict

REINFORCE_OTHERS = "batch"


def advantages(batch, values, options):
    """values (sampled tokens): the critic's, of PPO alone. Returns advantages and, for PPO, what the critic should have said."""
    method = options["method"]
    if method == "ppo":
        return gae(batch, values, options)
    if method == "gigpo":
        return gigpo(batch, options), None
    scores = shaped_returns(batch, options)
    if method in ("grpo", "dapo"):
        return group_relative(batch, scores, options["std"], options), None
    per_trajectory = minus_others(batch, scores, method)
    return [[a] * len(t["steps"]) for a, t in zip(per_trajectory, batch)], None


def members(batch):
    groups = defaultdict(list)
    for index, trajectory in enumerate(batch):
        groups[trajectory["group"]].append(index)
    return groups.values()


def deviation(numbers):
    mean = sum(numbers) / len(numbers)
    return math.sqrt(sum((x - mean) ** 2 for x in numbers) / (len(numbers) - 1))


def relative(score, voters, std, eps):
    """(score − mean) / (std + eps) of the voters, std with n − 1; exactly 0 where all are equal, or there is one."""
    if all(x == voters[0] for x in voters):
        return 0.0
    mean = sum(voters) / len(voters)
    return (score - mean) / (deviation(voters) + eps if std else 1.0)


def costs(trajectory, options):
    """What was taken from the return for each step."""
    return [0.0 if s["valid"] else options["penalty"] for s in trajectory["steps"]]


def row_scores(trajectory, score, options):
    """One score for each step: the trajectory's. Under verl-agent a row is a step, which pays for itself alone."""
    own = costs(trajectory, options)
    if options["dialect"] != "verl-agent":
        return [score] * len(own)
    return [score + sum(own) - cost for cost in own]


def group_relative(batch, scores, std, options):
    """GRPO, a number for each step. One vote per trajectory; under verl-agent a row is a step, so one vote per step."""
    rows = [row_scores(t, score, options) for t, score in zip(batch, scores)]
    result = [[0.0] * len(own) for own in rows]
    for indices in members(batch):
        votes = lambda i: len(rows[i]) if options["dialect"] == "verl-agent" else 1
        voters = [score for i in indices for score in rows[i][: votes(i)]]
        for i in indices:
            result[i] = [relative(score, voters, std, options["eps"]) for score in rows[i]]
    return result


def minus_others(batch, scores, method):
    """R(i) − mean of the others: RLOO's others are those of the group; REINFORCE knows no groups."""
    whole_batch = method == "reinforce" and REINFORCE_OTHERS == "batch"
    result = [0.0] * len(batch)
    for indices in [range(len(batch))] if whole_batch else members(batch):
        for i in indices:
            others = [scores[j] for j in indices if j != i]
            result[i] = scores[i] - sum(others) / len(others)
    return result


def shaped_returns(batch, options):
    """Returns with DAPO's soft overlong punishment, of a trajectory's sampled tokens."""
    returns = [t["return"] for t in batch]
    if "overlong_max" not in options:
        return returns
    longest, buffer, factor = options["overlong_max"], options["overlong_buffer"], options["overlong_penalty"]
    lengths = [sum(len(s["tokens"]) for s in t["steps"]) for t in batch]
    over = [max((n - (longest - buffer)) / buffer, 0.0) for n in lengths]
    # The paper's punishment ends at the factor; the peers' goes on growing.
    if options["dialect"] == "empg":
        over = [min(x, 1.0) for x in over]
    return [r - factor * x for r, x in zip(returns, over)]


def step_rewards(trajectory, options):
    return [s["reward"] - cost for s, cost in zip(trajectory["steps"], costs(trajectory, options))]


def gigpo(batch, options):
    """A_episode + w·A_step, A_step among the steps of a group with one observation."""
    episode = group_relative(batch, [t["return"] for t in batch], options["std"], options)
    returns = [step_returns(t, options) for t in batch]
    states = defaultdict(list)
    for i, trajectory in enumerate(batch):
        for t, step in enumerate(trajectory["steps"]):
            states[trajectory["group"], step["observation"]].append((i, t))
    result = [list(own) for own in episode]
    for places in states.values():
        voters = [returns[i][t] for i, t in places]
        for i, t in places:
            result[i][t] += options["step_weight"] * relative(returns[i][t], voters, options["step_std"], options["eps"])
    return result


def step_returns(trajectory, options):
    """Discounted; under verl-agent a penalty is taken from its own step's alone, after the discounting."""
    if options["dialect"] != "verl-agent":
        return discounted(step_rewards(trajectory, options), options["gamma"])
    earned = discounted([s["reward"] for s in trajectory["steps"]], options["gamma"])
    return [Q - cost for Q, cost in zip(earned, costs(trajectory, options))]


def discounted(rewards, gamma):
    returns, after = [], 0.0
    for reward in reversed(rewards):
        after = reward + gamma * after
        returns.insert(0, after)
    return returns


def gae(batch, values, options):
    """PPO. A scan passes over sampled tokens only, or over turns with tokens; under verl-agent each turn is a row by itself."""
    by_turn, gamma, lam = options["gae"] == "turn", options["gamma"], options["lambda"]
    values = iter(values)
    raw, returns = [], []
    for trajectory in batch:
        rewards = step_rewards(trajectory, options)
        alone = row_scores(trajectory, trajectory["return"], options)
        cells = []  # (step, value, reward) of what the scan passes over
        for t, step in enumerate(trajectory["steps"]):
            own = [next(values) for _ in step["tokens"]]
            at_end = alone[t] if options["dialect"] == "verl-agent" else rewards[t]
            if own and by_turn:
                cells.append((t, own[0], at_end))
            elif own:
                cells += [(t, v, 0.0) for v in own[:-1]] + [(t, own[-1], at_end)]
        parts = [cells]
        if options["dialect"] == "verl-agent":
            parts = [[c for c in cells if c[0] == t] for t in range(len(trajectory["steps"]))]
        found = [pair for part in parts for pair in zip(part, scan(part, gamma, lam))]
        raw.append([[a for cell, a in found if cell[0] == t] for t in range(len(trajectory["steps"]))])
        returns += [a + cell[1] for cell, a in found]
    flat = [a for steps in raw for step in steps for a in step]
    mean, spread = sum(flat) / len(flat), math.sqrt(deviation(flat) ** 2 + 1e-8)
    white = [[[(a - mean) / spread for a in step] for step in steps] for steps in raw]
    if by_turn:
        white = [[step[0] if step else None for step in steps] for steps in white]
    else:
        white = [[step or None for step in steps] for steps in white]
    return white, returns


def scan(cells, gamma, lam):
    result, after, value_after = [], 0.0, 0.0
    for _, value, reward in reversed(cells):
        after = reward + gamma * value_after - value + gamma * lam * after
        value_after = value
        result.insert(0, after)
    return result
