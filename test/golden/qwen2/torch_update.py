"""empg's policy update in PyTorch, on trajectories as `empg rollout` stores them."""

import torch


def sequences_of(trajectory):
    """[(ids, positions)]: every sequence that was sampled in, and where its sampled tokens stand."""
    sequences = []
    for step in trajectory["steps"]:
        if step["context"] == "fresh" or not sequences:
            sequences.append(([], []))
        ids, positions = sequences[-1]
        ids += step["prompt_tokens"]
        positions += range(len(ids), len(ids) + len(step["tokens"]))
        ids += step["tokens"]
    return sequences


def token_scores(model, ids, temperature):
    """Log-probability and entropy (nats) of ids[1:], each given what stands before it."""
    ids = torch.tensor([ids])
    log_p = torch.log_softmax(model(ids, use_cache=False).logits[0, :-1] / temperature, -1)
    entropy = -(log_p.exp() * log_p).sum(-1)
    return log_p.gather(-1, ids[0, 1:, None])[:, 0], entropy


def sampled_scores(model, trajectories, temperature):
    """Log-probabilities and entropies of all sampled tokens, trajectory after trajectory."""
    found = []
    for trajectory in trajectories:
        for ids, positions in sequences_of(trajectory):
            at = torch.tensor(positions) - 1
            found.append([numbers[at] for numbers in token_scores(model, ids, temperature)])
    return [torch.cat(numbers) for numbers in zip(*found)]


def surrogate(log_p, old, reference, advantage, weight, options):
    """Policy loss, KL loss (k3) and the share of clipped tokens; all arguments (tokens)."""
    ratio = (log_p - old).exp()
    held = ratio.clamp(1 - options["clip_low"], 1 + options["clip_high"])
    policy = -torch.minimum(ratio * advantage, held * advantage)
    d = reference - log_p
    kl = d.exp() - d - 1
    clipped = (held * advantage < ratio * advantage) & (weight > 0)
    share = clipped.sum() / (weight > 0).sum()
    return (weight * policy).sum(), options["kl_coefficient"] * (weight * kl).sum(), share


def adamw(model, options):
    """Weight decay pulls on matrices only, as in empg."""
    matrices = [p for p in model.parameters() if p.dim() > 1]
    others = [p for p in model.parameters() if p.dim() == 1]
    return torch.optim.AdamW(
        [{"params": matrices, "weight_decay": options["weight_decay"]}, {"params": others, "weight_decay": 0.0}],
        lr=options["learning_rate"],
        betas=(options["beta1"], options["beta2"]),
        eps=options["eps"],
    )


def step(model, optimizer, loss, max_grad_norm, learning_rate):
    """One optimizer step. Returns the gradient's norm before clipping."""
    optimizer.zero_grad()
    loss.backward()
    norm = torch.nn.utils.clip_grad_norm_(model.parameters(), max_grad_norm)
    for group in optimizer.param_groups:
        group["lr"] = learning_rate
    optimizer.step()
    return norm.item()


def group_advantages(trajectories, eps=1e-6):
    """(R − mean R) / (std R + eps) within each group, std with n − 1; 0 where all returns are equal."""
    advantages = []
    for trajectory in trajectories:
        own = torch.tensor([t["return"] for t in trajectories if t["group"] == trajectory["group"]], dtype=torch.float64)
        equal = bool((own == own[0]).all())
        advantages.append(0.0 if equal else ((trajectory["return"] - own.mean()) / (own.std() + eps)).item())
    return advantages


def grpo_update(model, trajectories, options):
    """What one `empg update` does with modulation.type "none" and token-mean; the model is changed in place.

    The reference policy is the model before the update, so its KL is 0.
    """
    temperature = options["temperature"]
    log_p, _ = sampled_scores(model, trajectories, temperature)
    counts = [[len(step["tokens"]) for step in t["steps"]] for t in trajectories]
    old = torch.tensor([x for t in trajectories for s in t["steps"] for x in s["logprobs"]])
    advantage = torch.cat(
        [torch.full((sum(n),), a) for n, a in zip(counts, group_advantages(trajectories))]
    )
    weight = torch.full_like(old, 1 / len(old))
    policy, kl, clipped = surrogate(log_p, old, log_p.detach(), advantage, weight, options)
    rate = options["learning_rate"]
    norm = step(model, adamw(model, options), policy + kl, options["max_grad_norm"], rate)
    return {
        "loss": (policy + kl).item(),
        "policy_loss": policy.item(),
        "kl_loss": kl.item(),
        "clip_fraction": clipped.item(),
        "ratio_max": (log_p - old).exp().max().item(),
        "logprob_gap_max": (log_p - old).abs().max().item(),
        "grad_norm": norm,
    }
