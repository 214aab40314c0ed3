"""A Qwen2 policy in f64, written from its formulas: with low-rank adapters, and with a value head."""

import json
import math
from pathlib import Path

import torch
from safetensors.torch import load_file

from hashed import weights

DIRECTORIES = Path(__file__).parent.parent / "qwen2" / "directories"
CONFIG = json.loads((DIRECTORIES / "float32" / "config.json").read_text())
RANK = 3
#            lora_alpha, of the adapter beside the base; a larger one carries the policy further from its reference
ADAPTERS = {"adapter": 20, "strong": 200}


class Policy:
    """kind: "dense" trains every weight; a name of ADAPTERS trains the adapter alone. critic: a value head is trained too."""

    def __init__(self, kind, critic):
        read = lambda path: {name: tensor.double() for name, tensor in load_file(path).items()}
        self.base = read(DIRECTORIES / "float32" / "model.safetensors")
        self.trained, self.scale = self.base, 0.0
        if kind != "dense":
            prefix = "base_model.model."
            factors = read(DIRECTORIES / "adapter" / "adapter_model.safetensors")
            self.trained = {name.removeprefix(prefix): tensor for name, tensor in factors.items()}
            self.scale = ADAPTERS[kind] / math.sqrt(RANK)  # rank-stabilised
        self.head = {}
        if critic:
            shapes = {"value_head.weight": (1, CONFIG["hidden_size"]), "value_head.bias": (1,)}
            self.head = {name: torch.from_numpy(weights("methods", name, shape)).double() for name, shape in shapes.items()}
        for parameter in self.parameters():
            parameter.requires_grad_()

    def parameters(self):
        return [*self.trained.values(), *self.head.values()]

    def linear(self, x, name):
        y = x @ self.base[f"{name}.weight"].T
        if f"{name}.bias" in self.base:
            y = y + self.base[f"{name}.bias"]
        if f"{name}.lora_A.weight" in self.trained:
            low = x @ self.trained[f"{name}.lora_A.weight"].T
            y = y + self.scale * (low @ self.trained[f"{name}.lora_B.weight"].T)
        return y

    def norm(self, x, name):
        return x * torch.rsqrt((x * x).mean(-1, keepdim=True) + CONFIG["rms_norm_eps"]) * self.base[name]

    def hidden(self, ids):
        """The final RMS-normed hidden states (T, D) of one sequence."""
        x = self.base["model.embed_tokens.weight"][ids]
        for n in range(CONFIG["num_hidden_layers"]):
            layer = f"model.layers.{n}"
            x = x + self.attention(self.norm(x, f"{layer}.input_layernorm.weight"), f"{layer}.self_attn")
            h = self.norm(x, f"{layer}.post_attention_layernorm.weight")
            gate = self.linear(h, f"{layer}.mlp.gate_proj")
            x = x + self.linear(gate * torch.sigmoid(gate) * self.linear(h, f"{layer}.mlp.up_proj"), f"{layer}.mlp.down_proj")
        return self.norm(x, "model.norm.weight")

    def attention(self, x, name):
        size, length = CONFIG["head_dim"], len(x)
        heads = lambda part: self.linear(x, f"{name}.{part}_proj").view(length, -1, size).transpose(0, 1)
        angle = torch.outer(torch.arange(length).double(), rotary_frequencies(size)).repeat(1, 2)
        turned = lambda y: torch.cat((-y[..., size // 2 :], y[..., : size // 2]), -1)
        rotate = lambda y: y * angle.cos() + turned(y) * angle.sin()
        copies = CONFIG["num_attention_heads"] // CONFIG["num_key_value_heads"]
        q, k, v = rotate(heads("q")), rotate(heads("k")).repeat(copies, 1, 1), heads("v").repeat(copies, 1, 1)
        future = torch.ones(length, length, dtype=torch.bool).triu(1)
        scores = (q @ k.transpose(1, 2) / math.sqrt(size)).masked_fill(future, -torch.inf)
        mixed = (torch.softmax(scores, -1) @ v).transpose(0, 1).reshape(length, -1)
        return self.linear(mixed, f"{name}.o_proj")

    def rows(self, ids):
        """Logits (T, V), and values (T) where there is a value head."""
        h = self.hidden(torch.tensor(ids))
        values = (h @ self.head["value_head.weight"].T + self.head["value_head.bias"])[:, 0] if self.head else None
        return h @ self.base["model.embed_tokens.weight"].T, values


def rotary_frequencies(size):
    theta = CONFIG["rope_parameters"]["rope_theta"]
    return theta ** (-torch.arange(0, size, 2).double() / size)


def scores(policy, trajectories, temperature):
    """Of all sampled tokens, trajectory after trajectory: log-probability, entropy (nats), value (or None)."""
    log_probs, entropies, values = [], [], []
    for trajectory in trajectories:
        for ids, positions in sequences_of(trajectory):
            logits, row_values = policy.rows(ids)
            at = torch.tensor(positions, dtype=torch.long)
            log_p = torch.log_softmax(logits[at - 1] / temperature, -1)
            entropies.append(-(log_p.exp() * log_p).sum(-1))
            log_probs.append(log_p.gather(-1, torch.tensor(ids)[at][:, None])[:, 0])
            if row_values is not None:
                values.append(row_values[at - 1])
    return torch.cat(log_probs), torch.cat(entropies), torch.cat(values) if values else None


def sequences_of(trajectory):
    """[(ids, positions)]: every context that was sampled in, and where its sampled tokens stand."""
    sequences = []
    for step in trajectory["steps"]:
        if step["context"] == "fresh" or not sequences:
            sequences.append(([], []))
        ids, positions = sequences[-1]
        ids += step["prompt_tokens"]
        positions += range(len(ids), len(ids) + len(step["tokens"]))
        ids += step["tokens"]
    return sequences
