"""One policy update of any model directory by empg and by PyTorch, number beside number.

Needs torch and transformers, and room for the model in float32 with its gradient and AdamW's moments.

    python bench/peers/check_update.py MODEL TRAJECTORIES [--learning-rate 1e-6] [--device software] …

TRAJECTORIES is what `empg rollout` writes. Advantages are GRPO's without modulation, the loss is token-mean, the
reference is the model itself. Ends with 1 where losses or gradient norms part by more than 1e-3.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import torch
import transformers

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "test/golden/qwen2"))

from torch_update import grpo_update  # noqa: E402

TOLERANCE = 1e-3
# Names as grpo_update has them, empg's key, and empg's default.
OPTIONS = [
    ("temperature", "rollout.temperature", 1.0),
    ("clip_low", "algorithm.clip_low", 0.2),
    ("clip_high", "algorithm.clip_high", 0.2),
    ("kl_coefficient", "algorithm.kl_coefficient", 0.01),
    ("learning_rate", "optimizer.learning_rate", 2e-4),
    ("beta1", "optimizer.beta1", 0.9),
    ("beta2", "optimizer.beta2", 0.98),
    ("eps", "optimizer.eps", 1e-8),
    ("weight_decay", "optimizer.weight_decay", 0.0),
    ("max_grad_norm", "optimizer.max_grad_norm", 1.0),
]
FIXED = ["modulation.type=none", "optimizer.schedule=constant", "optimizer.warmup_updates=0"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("model", type=Path)
    parser.add_argument("trajectories", type=Path)
    parser.add_argument("--empg", default=str(ROOT / "dist/empg"))
    parser.add_argument("--device", default="auto")
    parser.add_argument("--micro-batch-tokens", type=int, default=4096)
    for name, _, default in OPTIONS:
        parser.add_argument(f"--{name.replace('_', '-')}", type=float, default=default)
    arguments = parser.parse_args()
    options = {name: getattr(arguments, name) for name, _, _ in OPTIONS}
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "updated"
        ours = by_empg(arguments, options, out)
        updated = load(out)
    model = load(arguments.model)
    # The gradient of a padding token's embedding counts like any other, as in empg.
    model.get_input_embeddings().padding_idx = None
    records = map(json.loads, filter(str.strip, arguments.trajectories.read_text().splitlines()))
    played = [record for record in records if record["end"] != "fault" and record["steps"]]
    theirs = grpo_update(model, played, options)
    print(f"{'':18}{'empg':>16}{'PyTorch':>16}{'apart':>12}")
    for key, expected in theirs.items():
        print(f"{key:18}{ours[key]:16.8g}{expected:16.8g}{apart(ours[key], expected):12.1e}")
    weights = max((p - q).abs().max().item() for p, q in zip(updated.parameters(), model.parameters()))
    print(f"updated weights differ by at most {weights:.2e}, at a learning rate of {options['learning_rate']:g}")
    wrong = [key for key in ("loss", "policy_loss", "grad_norm") if apart(ours[key], theirs[key]) > TOLERANCE]
    if wrong:
        raise SystemExit(f"apart by more than {TOLERANCE}: {', '.join(wrong)}")


def by_empg(arguments, options, out):
    """The metrics of one `empg update`; the updated model is written to `out`."""
    settings = FIXED + [f"train.micro_batch_tokens={arguments.micro_batch_tokens}"]
    settings += [f"{key}={options[name]!r}" for name, key, _ in OPTIONS]
    command = [arguments.empg, "update", "--json", "--device", arguments.device, "--out", str(out)]
    command += ["--model", str(arguments.model), "--trajectories", str(arguments.trajectories)]
    for setting in settings:
        command += ["--set", setting]
    finished = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if finished.returncode != 0:
        raise SystemExit(f"empg update ended with {finished.returncode}")
    return json.loads(finished.stdout.splitlines()[-1])


def load(path):
    return transformers.Qwen2ForCausalLM.from_pretrained(path, dtype=torch.float32, attn_implementation="eager")


def apart(found, expected):
    """Relative to what is expected, where that is not 0."""
    return abs(found - expected) / (abs(expected) or 1.0)


main()
