"""Every case: its name, what the policy is, whose stored log-probabilities it has, and its overrides."""

#            policy     temperature  extreme: two tokens that the sampler had thought almost impossible
VARIANTS = {
    "plain": ("dense", 1.0, False),
    "cool": ("dense", 0.7, False),
    "extreme": ("dense", 1.0, True),
    "adapter": ("adapter", 1.0, False),
    "cool-adapter": ("adapter", 0.7, False),
    "strong": ("strong", 0.4, False),
}

EMPG = "modulation.type=empg"
CLIPPED = {"clip_low": 0.2, "clip_high": 0.2, "dual_clip": None}
DEFAULTS = {
    "grpo": {"std": True, "uniform_groups": "keep", **CLIPPED},
    "dapo": {"std": True, "uniform_groups": "drop", "clip_low": 0.2, "clip_high": 0.28, "dual_clip": 3.0},
    "ppo": {"uniform_groups": "keep", "gae": "turn", "gamma": 1.0, "lambda": 0.95, "value_clip": 0.5, **CLIPPED},
    "gigpo": {"uniform_groups": "keep", "gamma": 0.95, "step_weight": 1.0, **CLIPPED},
    "rloo": {"uniform_groups": "keep"},
    "reinforce": {"uniform_groups": "keep"},
}
COMMON = {"eps": 1e-6, "kl_coefficient": 0.0, "kl_estimator": "k3", "loss_aggregation": "token-mean", "entropy_coefficient": 0.0, "dialect": "empg"}
MODULATION = {"type": "none", "k": 1.0, "k_prime": 1.0, "zeta": 0.1, "eps": 1e-8, "normalization": "min-max", "scope": "batch", "center": "all", "step_entropy": "mean"}


def case(name, method, *settings, variant="plain"):
    """settings: key=value of [algorithm], or section.key=value."""
    full = [s if "." in s.split("=")[0] else f"algorithm.{s}" for s in settings]
    kind = [] if EMPG in full else ["modulation.type=none"]
    return {"name": name, "variant": variant, "set": [f"algorithm.method={method}", *full, *kind]}


def empg(name, method, *settings, variant="plain"):
    return case(name, method, *settings, EMPG, variant=variant)


def modulation_cases():
    options = {
        "k-2": ["k=2"],
        "clarity": ["k=0"],
        "scale": ["zeta=0"],
        "center": ["k=0", "zeta=0"],
        "zeta-half-k-prime-2": ["zeta=0.5", "k_prime=2"],
        "z-score": ["normalization=z-score"],
        "robust": ["normalization=robust"],
        "group": ["scope=group"],
        "center-bonus": ["center=bonus"],
        "center-trajectory": ["center=trajectory"],
        "max": ["step_entropy=max"],
        "first": ["step_entropy=first"],
        "robust-bonus": ["normalization=robust", "center=bonus"],
        "group-robust-trajectory": ["scope=group", "normalization=robust", "center=trajectory"],
        "group-z-score-bonus-max": ["scope=group", "normalization=z-score", "center=bonus", "step_entropy=max"],
    }
    return [empg(f"grpo-empg-{name}", "grpo", *(f"modulation.{s}" for s in found)) for name, found in options.items()]


GIGPO = ["env.invalid_action_penalty=0.1", "std=false", "step_std=false"]
GIGPO_STD = ["env.invalid_action_penalty=0.1", "std=true", "step_std=true"]
CRITIC = ["env.invalid_action_penalty=0.1", "value_coefficient=0.5"]
PPO = [*CRITIC, "gae=token"]
TURNS = [*CRITIC, "gae=turn"]
OVERLONG = ["overlong_max=14", "overlong_buffer=8", "overlong_penalty=0.5"]
KL = "kl_coefficient=0.3"
COLD = "rollout.temperature=0.4"
VERL, AGENT = "dialect=verl", "dialect=verl-agent"
# An optimizer that is smooth near 0, so that a second update in f32 can follow one in f64.
TWICE = ["train.epochs=2", "optimizer.eps=1", "optimizer.learning_rate=0.2", "optimizer.beta1=0.9", "optimizer.beta2=0.98", "optimizer.max_grad_norm=100"]
SUM_NORM = ["loss_aggregation=seq-mean-token-sum-norm", "loss_norm=7"]

CASES = [
    case("grpo", "grpo"),
    empg("grpo-empg", "grpo"),
    *modulation_cases(),
    case("grpo-no-std", "grpo", "std=false"),
    empg("grpo-no-std-empg", "grpo", "std=false"),
    case("grpo-eps", "grpo", "eps=0.25"),
    case("grpo-drop", "grpo", "uniform_groups=drop"),
    empg("grpo-drop-empg", "grpo", "uniform_groups=drop"),
    case("grpo-clip", "grpo", "clip_low=0.36", "clip_high=0.42"),
    case("grpo-dual-clip", "grpo", "dual_clip=2.5"),
    case("grpo-temperature", "grpo", "rollout.temperature=0.7", variant="cool"),
    *(case(f"grpo-{k}", "grpo", KL, f"kl_estimator={k}", variant="adapter") for k in ("k1", "k2", "k3")),
    empg("grpo-k3-temperature-empg", "grpo", KL, "rollout.temperature=0.7", variant="cool-adapter"),
    case("grpo-k1-itself", "grpo", KL, "kl_estimator=k1"),
    case("grpo-k3-far", "grpo", KL, COLD, variant="strong"),
    *(case(f"grpo-{mode}", "grpo", f"loss_aggregation={mode}") for mode in ("token-sum", "seq-mean-token-sum", "seq-mean-token-mean")),
    case("grpo-sum-norm", "grpo", *SUM_NORM),
    case("grpo-seq-mean-everything", "grpo", "loss_aggregation=seq-mean-token-mean", KL, "entropy_coefficient=0.05", variant="adapter"),
    case("grpo-entropy", "grpo", "entropy_coefficient=0.05"),
    case("grpo-entropy-temperature", "grpo", "entropy_coefficient=0.05", "rollout.temperature=0.7", variant="cool"),
    empg("grpo-micro-batches-empg", "grpo", "train.micro_batch_tokens=70"),
    empg("grpo-micro-batches-entropy-empg", "grpo", "train.micro_batch_tokens=70", "entropy_coefficient=0.05"),
    case("grpo-twice", "grpo", KL, *TWICE),
    case("grpo-extreme", "grpo", variant="extreme"),
    case("grpo-verl", "grpo", VERL, KL, COLD, variant="strong"),
    case("grpo-verl-agent", "grpo", AGENT),
    empg("grpo-verl-agent-empg", "grpo", AGENT),
    case("grpo-verl-agent-far", "grpo", AGENT, KL, COLD, variant="strong"),
    case("grpo-verl-agent-extreme", "grpo", AGENT, variant="extreme"),
    case("grpo-verl-agent-seq-mean", "grpo", AGENT, "loss_aggregation=seq-mean-token-mean"),
    case("grpo-verl-agent-sum-norm", "grpo", AGENT, *SUM_NORM),
    case("dapo", "dapo"),
    empg("dapo-empg", "dapo"),
    case("dapo-keep", "dapo", "uniform_groups=keep"),
    empg("dapo-keep-empg", "dapo", "uniform_groups=keep"),
    case("dapo-overlong", "dapo", *OVERLONG),
    empg("dapo-overlong-empg", "dapo", *OVERLONG),
    case("dapo-keep-overlong", "dapo", "uniform_groups=keep", *OVERLONG),
    case("dapo-overlong-verl", "dapo", *OVERLONG, VERL),
    empg("dapo-everything-empg", "dapo", *OVERLONG, "loss_aggregation=seq-mean-token-sum", KL, "entropy_coefficient=0.05", "modulation.normalization=robust", variant="adapter"),
    case("rloo", "rloo"),
    empg("rloo-empg", "rloo"),
    empg("rloo-center-trajectory-empg", "rloo", "modulation.center=trajectory"),
    case("rloo-k3", "rloo", KL, variant="adapter"),
    case("rloo-seq-mean", "rloo", "loss_aggregation=seq-mean-token-mean"),
    case("reinforce", "reinforce"),
    empg("reinforce-empg", "reinforce"),
    case("reinforce-k2", "reinforce", KL, "kl_estimator=k2", variant="adapter"),
    case("gigpo", "gigpo", *GIGPO),
    empg("gigpo-empg", "gigpo", *GIGPO),
    case("gigpo-std", "gigpo", *GIGPO_STD),
    empg("gigpo-std-empg", "gigpo", *GIGPO_STD),
    empg("gigpo-robust-bonus-empg", "gigpo", *GIGPO_STD, "modulation.normalization=robust", "modulation.center=bonus"),
    case("gigpo-half-weight", "gigpo", *GIGPO_STD, "step_weight=0.5", "gamma=0.8"),
    case("gigpo-verl-agent", "gigpo", *GIGPO_STD, AGENT),
    case("ppo", "ppo", *PPO),
    empg("ppo-empg", "ppo", *PPO),
    empg("ppo-group-trajectory-empg", "ppo", *PPO, "modulation.scope=group", "modulation.center=trajectory"),
    case("ppo-turn", "ppo", *TURNS),
    empg("ppo-turn-empg", "ppo", *TURNS),
    empg("ppo-turn-robust-bonus-empg", "ppo", *TURNS, "modulation.normalization=robust", "modulation.center=bonus"),
    case("ppo-discount", "ppo", *PPO, "gamma=0.9", "lambda=0.8"),
    case("ppo-turn-discount", "ppo", *TURNS, "gamma=0.9", "lambda=0.8"),
    case("ppo-value-coefficient", "ppo", *CRITIC[:1], "gae=token", "value_coefficient=2"),
    case("ppo-seq-mean", "ppo", *PPO, "loss_aggregation=seq-mean-token-mean"),
    case("ppo-turn-seq-mean", "ppo", *TURNS, "loss_aggregation=seq-mean-token-mean"),
    case("ppo-temperature-entropy", "ppo", *PPO, "rollout.temperature=0.7", "entropy_coefficient=0.05", variant="cool"),
    case("ppo-twice", "ppo", *PPO, "value_clip=0.05", "value_learning_rate=0.2", "kl_coefficient=0", *TWICE),
    case("ppo-turn-twice", "ppo", *TURNS, "value_clip=0.05", "value_learning_rate=0.2", "kl_coefficient=0", *TWICE),
    empg("ppo-micro-batches-empg", "ppo", *PPO, "train.micro_batch_tokens=70"),
    case("ppo-adapter-k3", "ppo", *PPO, KL, variant="adapter"),
    case("ppo-verl", "ppo", *PPO, VERL),
    case("ppo-verl-agent", "ppo", *PPO, AGENT),
]


def resolved(case):
    """algorithm options with their defaults, modulation options, and what else matters."""
    given = dict(setting.split("=", 1) for setting in case["set"])
    parse = lambda text: float(text) if text.replace(".", "", 1).isdigit() else {"true": True, "false": False}.get(text, text)
    section = lambda name: {k.removeprefix(f"{name}."): parse(v) for k, v in given.items() if k.startswith(f"{name}.")}
    algorithm = section("algorithm")
    algorithm = {**COMMON, **DEFAULTS[algorithm["method"]], **algorithm}
    algorithm["penalty"] = section("env").get("invalid_action_penalty", 0.0)
    return algorithm, {**MODULATION, **section("modulation")}, section("train"), section("optimizer")
