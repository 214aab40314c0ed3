#!/bin/sh
# How a small model learns a world: demonstrations, warm start, reinforcement, and what it can do before and after.
#   bench/results/learn.sh WORLD EMPG START DIR
# WORLD is a folder beside this file with settings.sh and train.toml; START is what src/build/make-start.ts writes. All
# else comes from the executable's own commands and lands in DIR. A stage that is done leaves DIR/done/NAME;
# called again, the script goes on where it was.
# For a rehearsal: DEMONSTRATIONS, EPISODES, OPTIONS (more of the world's) and TRAIN (more arguments for `train`).
set -eu
world=$1 empg=$2 start=$3 dir=$4
here=$(cd "$(dirname "$0")" && pwd)/$world
options=
# shellcheck source=/dev/null
. "$here/settings.sh"
demonstrations=${DEMONSTRATIONS:-$demonstrations}
episodes=${EPISODES:-$episodes}
options="$options ${OPTIONS:-}"
mkdir -p "$dir/done"

stage() { # NAME COMMAND...
  name=$1
  shift
  [ -e "$dir/done/$name" ] && return
  echo "$(date -u +%FT%TZ) $name: $*"
  "$@"
  date -u +%FT%TZ >"$dir/done/$name"
}

demonstrate() {
  rm -f "$dir/demonstrations.jsonl"
  # shellcheck disable=SC2086
  "$empg" rollout --env "$world" --policy expert --model "$start" --episodes "$demonstrations" $options \
    --mistakes "$mistakes" --max-turns "$turns" --seed 1 --out "$dir/demonstrations.jsonl"
}

warm() {
  rm -rf "$dir/warm"
  "$empg" sft --model "$start" --data "$dir/demonstrations.jsonl" --out "$dir/warm" --device software \
    --batch-tokens 2048 --learning-rate 3e-3 --warmup 40 --weight-decay 0 --progress-every 50 --seed 1
}

measure() { # NAME MODEL TEMPERATURE
  # shellcheck disable=SC2086
  "$empg" eval --env "$world" --model "$2" --split heldout --episodes "$episodes" --temperature "$3" $options \
    --max-turns "$turns" --max-tokens-per-turn "$tokens" --device software --seed 1 --json >"$dir/eval-$1.json"
}

reinforce() {
  if [ -e "$dir/run" ]; then
    "$empg" train --resume "$dir/run" --device software
  else
    # shellcheck disable=SC2086
    "$empg" train "$here/train.toml" --out "$dir/run" --device software --set "model.path=\"$dir/warm\"" ${TRAIN:-}
  fi
}

stage demonstrations demonstrate
stage warm warm
stage eval-warm measure warm "$dir/warm" 1
stage train reinforce
stage export "$empg" export "$dir/run" --out "$dir/trained"
stage eval-trained measure trained "$dir/trained" 1
# Published runs are measured sharply.
stage eval-trained-sharp measure trained-sharp "$dir/trained" 0.4
stage eval-warm-sharp measure warm-sharp "$dir/warm" 0.4
