#!/bin/sh
# What EMPG adds in ALFWorld, under the recipe of ../train.toml: ./compare.sh EMPG DIR SEEDS, resumable; a larger SEEDS adds runs.
set -eu
here=$(dirname "$0")
exec "$1" compare "$here/../train.toml" --device software --methods "${METHODS:-grpo,grpo+empg}" --seeds "$3" --tokens 250000 --out "$2" \
  --set eval.episodes=400 --set eval.every_tokens=125000 --set report.rollouts_every=20 --set report.tensorboard=false \
  --set train.keep_checkpoints=1
