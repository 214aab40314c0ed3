#!/bin/sh
# Warm start, then reinforcement: ./run.sh EMPG START DIR. START is what src/build/make-alfworld-start.ts
# writes; all else comes from the executable's own commands and lands in DIR. A stage that is done leaves
# DIR/done/NAME; called again, the script goes on where it was.
# For a rehearsal: DEMONSTRATIONS, EPISODES and TRAIN (more arguments for `train`).
set -eu
empg=$1 start=$2 dir=$3
here=$(cd "$(dirname "$0")" && pwd)
demonstrations=${DEMONSTRATIONS:-14000}
episodes=${EPISODES:-802}
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
  "$empg" rollout --env alfworld --policy expert --model "$start" --episodes "$demonstrations" \
    --mistakes 0.25 --max-turns 50 --seed 1 --out "$dir/demonstrations.jsonl"
}

warm() {
  rm -rf "$dir/warm"
  "$empg" sft --model "$start" --data "$dir/demonstrations.jsonl" --out "$dir/warm" --device software \
    --batch-tokens 2048 --learning-rate 3e-3 --warmup 40 --weight-decay 0 --progress-every 50 --seed 1
}

# Of every held-out household one episode; published runs are measured at temperature 0.4.
measure() { # NAME MODEL TEMPERATURE
  "$empg" eval --env alfworld --model "$2" --split heldout --episodes "$episodes" --temperature "$3" \
    --max-turns 50 --max-tokens-per-turn 8 --device software --seed 1 --json >"$dir/eval-$1.json"
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
stage eval-trained-sharp measure trained-sharp "$dir/trained" 0.4
stage eval-warm-sharp measure warm-sharp "$dir/warm" 0.4
