"""The LoRA part of the vectors: PEFT's adapters on the same models, trained on the same trajectories."""

import peft
import torch

from hashed import weights

TARGETS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
#   shape      rank alpha rank-stabilised targets
ADAPTERS = {
    "width-20": (3, 5.0, True, ["q_proj", "v_proj", "down_proj"]),
    "width-36": (4, 8.0, False, TARGETS),
    "width-56": (8, 16.0, False, TARGETS),
}


def adapted(name, model):
    """The model with the adapter of this shape, which alone is trained; lora_B is not 0, as it would be at the start."""
    rank, alpha, stabilised, targets = ADAPTERS[name]
    config = peft.LoraConfig(r=rank, lora_alpha=alpha, use_rslora=stabilised, target_modules=targets, lora_dropout=0.0)
    model = peft.get_peft_model(model, config)
    model.eval()
    with torch.no_grad():
        for key, parameter in factors(model).items():
            parameter.copy_(torch.from_numpy(weights(name, key, tuple(parameter.shape))))
    return model


def factors(model):
    """lora_A (rank, in) and lora_B (out, rank) by the name that PEFT's files give them, without its prefix."""
    return {
        name.removeprefix("base_model.model.").replace(".default.", "."): parameter
        for name, parameter in model.named_parameters()
        if parameter.requires_grad
    }


def settings(name):
    rank, alpha, stabilised, targets = ADAPTERS[name]
    return {"rank": rank, "alpha": alpha, "rank_stabilised": stabilised, "targets": targets}
