"""The trajectories that every case is computed on, in empg's own format but for log-probabilities."""

from hashed import centred, integers

VOCABULARY = 40
PENALTY = 0.1
FRESH = "fresh"

# group: for each member its steps, each (observation, sampled tokens, reward, what is special about it).
# "!" is an invalid action, FRESH a context of its own. Steps of a group that act from the same state have the same observation.
GROUPS = {
    # Uneven turns; states that are met again by others and by the same episode.
    "iron": [
        [("start", 3, 0), ("well", 5, 0.25), ("gate", 1, 0.75)],
        [("start", 9, 0), ("well", 2, -0.5, "!")],
        [("start", 1, 0), ("well", 4, 0), ("well", 7, 0.1, "!"), ("gate", 2, 0), ("yard", 6, 0.3)],
        [("start", 4, 0)],
    ],
    # A fault, whose numbers would show in every statistic.
    "wood": [
        [("start", 2, 0), ("mill", 6, 1)],
        [("start", 5, 0, "!"), ("shed", 3, 0, "!"), ("mill", 2, 0)],
        [("start", 7, 9), ("mill", 9, 9)],
        [("start", 3, 0), ("shed", 8, 0), ("mill", 1, 0.5), ("barn", 4, 0)],
    ],
    # Equal returns by different rewards.
    "stone": [
        [("start", 4, 0.5)],
        [("start", 2, 0.25), ("pit", 3, 0.25)],
        [("start", 6, 0), ("pit", 1, 0.5), ("edge", 5, 0)],
        [("start", 3, 0), ("pit", 2, 0), ("pit", 4, 0.25), ("edge", 2, 0.25)],
    ],
    # Contexts of their own, in one episode after an extended one.
    "gold": [
        [("start", 2, 0, FRESH), ("vein", 4, 0, FRESH), ("shaft", 3, 1, FRESH)],
        [("start", 6, 0), ("shaft", 2, 0), ("vein", 5, 0.2, FRESH)],
        [("start", 1, 0, FRESH), ("shaft", 8, 0.7, FRESH)],
        [("start", 5, 0, FRESH), ("vein", 2, 0, FRESH), ("vein", 2, 0, FRESH), ("shaft", 1, 0, FRESH)],
    ],
    # A step without a token, in a state that nobody else meets, and one return far below the others.
    "clay": [
        [("start", 3, 0), ("fog", 0, 0), ("ford", 4, 1)],
        [("start", 7, 0), ("bank", 3, -3, "!")],
        [("start", 2, 0.5), ("bank", 5, 0)],
        [("start", 8, 0), ("ford", 6, 0.5), ("bank", 1, 0)],
    ],
}
FAULT = "wood#2"


def episodes():
    return [episode(group, member, steps) for group, members in GROUPS.items() for member, steps in enumerate(members)]


def episode(group, member, steps):
    name = f"{group}#{member}"
    records = [step(group, name, index, *numbers) for index, numbers in enumerate(steps)]
    invalid = sum(not record["valid"] for record in records)
    value = round(sum(record["reward"] for record in records) - PENALTY * invalid, 9)
    end = "fault" if name == FAULT else "terminated"
    return {"episode": name, "group": group, "env": "golden", "return": value, "success": value >= 1, "end": end, "steps": records}


def step(group, name, index, observation, count, reward, special=""):
    draw = lambda part, n: [1 + token for token in integers(f"methods/{name}/{index}/{part}", n, VOCABULARY - 1)]
    # All episodes of a group begin with the same prompt.
    opening = [1 + token for token in integers(f"methods/{group}/opening", 5, VOCABULARY - 1)]
    prompt = opening if index == 0 else draw("prompt", 3 + (index + len(name)) % 3)
    base = 1.4 * (1 + centred(f"methods/{name}/{index}/level", 1)[0])
    around = base * (1 + 0.5 * centred(f"methods/{name}/{index}/entropies", count))
    return {
        "observation": f"{observation} of {group}",
        "response": "",
        "action": "",
        "valid": special != "!",
        "reward": reward,
        "context": "fresh" if special == FRESH else "append",
        "prompt_tokens": prompt,
        "tokens": draw("tokens", count),
        "entropies": [round(float(nats), 4) for nats in around],
    }


def log_ratios(count, seed):
    """ln of the current over the old probability: past the usual clips on both sides, and some past dual clip's."""
    near = 0.7 * centred(f"methods/{seed}/near", count)
    far = 1.25 + 0.3 * centred(f"methods/{seed}/far", count)
    pick = integers(f"methods/{seed}/pick", count, 5)
    return [float(f if p == 0 else n) for n, f, p in zip(near, far, pick)]
