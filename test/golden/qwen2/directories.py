"""Writes directories/: small models as transformers saves them, and what it says of them after reading them again.

    python test/golden/qwen2/directories.py

Beside each model stand trajectories for `empg update`. expected.json holds the log-probabilities and
entropies of scored.jsonl, one update's numbers, and the same scores after that update. adapter/ is one of PEFT's, on float32/. Half-precision files are
read into float32, as empg reads them.
"""

import json
import shutil
from pathlib import Path

import peft
import torch
import transformers
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers

from hashed import centred, integers, weights
from lora import TARGETS, factors
from torch_update import grpo_update, sampled_scores, token_scores

FOLDER = Path(__file__).parent / "directories"
V = 40
#        name        tied   saved as        largest shard
SAVED = [
    ("float32", True, torch.float32, "1GB"),
    ("bfloat16", False, torch.bfloat16, "1GB"),
    ("float16", True, torch.float16, "1GB"),
    ("sharded", False, torch.float32, "6KB"),
]
UPDATE = {"temperature": 0.8, "clip_low": 0.2, "clip_high": 0.28, "kl_coefficient": 0.01}
UPDATE |= {"learning_rate": 0.01, "beta1": 0.9, "beta2": 0.98, "eps": 1e-8, "weight_decay": 0.1, "max_grad_norm": 1.0}


def tokens(part, count):
    """No padding token (0) among them: nn.Embedding keeps the gradient of its padding_idx at zero, empg does not."""
    return [1 + token for token in integers(f"directories/{part}", count, V - 1)]


SEQUENCES = [tokens(f"scored/{n}", n) for n in (19, 1, 40)]


def main():
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir()
    lines(FOLDER / "scored.jsonl", [{"tokens": ids} for ids in SEQUENCES])
    expected = {}
    for name, tied, dtype, shard in SAVED:
        path = FOLDER / name
        save(path, tied, dtype, shard)
        model = transformers.Qwen2ForCausalLM.from_pretrained(path, dtype=torch.float32, attn_implementation="eager")
        trajectories = trajectories_of(name, model)
        lines(FOLDER / f"{name}.trajectories.jsonl", trajectories)
        scores = scores_of(model)
        updated = grpo_update(model, trajectories, UPDATE)
        expected[name] = {"scores": scores, "update": updated, "scores_after": scores_of(model)}
    expected["adapter"] = {"scores": adapter_scores(FOLDER / "adapter", FOLDER / "float32")}
    rows = ",\n".join(f"{json.dumps(name)}: {json.dumps(model)}" for name, model in expected.items())
    text = f'{{"options": {json.dumps(UPDATE)},\n"models": {{\n{rows}}}}}\n'
    (FOLDER / "expected.json").write_text(text)
    print({"torch": torch.__version__, "transformers": transformers.__version__})


def save(path, tied, dtype, shard):
    config = transformers.Qwen2Config(
        vocab_size=V,
        hidden_size=12,
        intermediate_size=20,
        num_hidden_layers=2,
        num_attention_heads=3,
        num_key_value_heads=1,
        head_dim=8,
        max_position_embeddings=64,
        rope_parameters={"rope_type": "default", "rope_theta": 1e6},
        tie_word_embeddings=tied,
        eos_token_id=2,
        pad_token_id=0,
    )
    model = transformers.Qwen2ForCausalLM(config)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.copy_(torch.from_numpy(weights("directories", name, tuple(parameter.shape))))
    model.to(dtype).save_pretrained(path, max_shard_size=shard)
    vocabulary = ["<pad>", "<unk>", "\n"] + [f"w{i}" for i in range(3, V)]
    tokenizer = Tokenizer(models.WordLevel({word: i for i, word in enumerate(vocabulary)}, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(r"[^ \n]+|\n"), behavior="removed", invert=True)
    tokenizer.decoder = decoders.WordPiece(prefix="##", cleanup=True)
    fast = transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="<pad>", unk_token="<unk>", eos_token="\n"
    )
    fast.save_pretrained(path)


def adapter_scores(path, base):
    """Saves a rank-stabilised adapter as PEFT does, and scores the base with it after reading both again."""
    load = lambda: transformers.Qwen2ForCausalLM.from_pretrained(base, dtype=torch.float32, attn_implementation="eager")
    config = peft.LoraConfig(r=3, lora_alpha=5, use_rslora=True, target_modules=TARGETS, task_type="CAUSAL_LM")
    model = peft.get_peft_model(load(), config)
    with torch.no_grad():
        for key, parameter in factors(model).items():
            parameter.copy_(torch.from_numpy(weights("directories", key, tuple(parameter.shape))))
    saved = model.peft_config["default"]
    saved.base_model_name_or_path = base.name
    saved.target_modules = sorted(TARGETS)  # a set, which would be written in another order every time
    model.save_pretrained(path)
    (path / "README.md").unlink()
    (path / "adapter_model.safetensors").chmod(0o644)
    return scores_of(peft.PeftModel.from_pretrained(load(), path))


@torch.no_grad()
def scores_of(model):
    found = [token_scores(model, ids, UPDATE["temperature"]) for ids in SEQUENCES if len(ids) > 1]
    log_p, entropy = [torch.cat(numbers).tolist() for numbers in zip(*found)]
    return {"logprobs": log_p, "entropies": entropy}


@torch.no_grad()
def trajectories_of(name, model):
    """Two groups of unequal returns, one with extended contexts, one with fresh ones."""
    returns = [[1.0, 0.0, 0.5], [0.3, 0.8]]
    trajectories = []
    for g, group in enumerate(returns):
        opening = tokens(f"opening/{g}", 6 + g)
        for m, value in enumerate(group):
            steps = []
            for s in range(2):
                draw = lambda part, n: tokens(f"{g}/{m}/{s}/{part}", n)
                prompt = opening if s == 0 else draw("prompt", 3 + m)
                context = ("append", "fresh")[g]
                steps.append({"context": context, "prompt_tokens": prompt, "tokens": draw("tokens", 2 + m + 3 * s)})
            end = {"return": value, "success": value == 1.0, "end": "terminated"}
            trajectories.append({"episode": f"{g}.{m}", "group": f"{g}", "env": "golden"} | end | {"steps": steps})
    log_p, entropy = sampled_scores(model, trajectories, UPDATE["temperature"])
    old = log_p + torch.from_numpy(0.4 * centred("directories/old", len(log_p))).float()
    at = 0
    for step in [step for trajectory in trajectories for step in trajectory["steps"]]:
        end = at + len(step["tokens"])
        empty = {"observation": "", "response": "", "action": "", "valid": True, "reward": 0.0}
        step |= empty | {"logprobs": old[at:end].tolist(), "entropies": entropy[at:end].tolist()}
        at = end
    return trajectories


def lines(path, records):
    path.write_text("".join(json.dumps(record, separators=(",", ":")) + "\n" for record in records))


main()
