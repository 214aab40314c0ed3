#!/bin/sh
# Warm start, then reinforcement: ./run.sh EMPG START DIR. START is what src/build/make-webshop-start.ts
# writes; all else comes from the executable's own commands and lands in DIR. A stage that is done leaves
# DIR/done/NAME; called again, the script goes on where it was.
# For a rehearsal: DEMONSTRATIONS, EPISODES and TRAIN (more arguments for `train`).
set -eu
empg=$1 start=$2 dir=$3
here=$(cd "$(dirname "$0")" && pwd)
demonstrations=${DEMONSTRATIONS:-10000}
episodes=${EPISODES:-800}
mkdir -p "$dir/done"

stage() { # NAME COMMAND...
  name=$1
  shift
  [ -e "$dir/done/$name" ] && return
  echo "$(date -u +%FT%TZ) $name: $*"
  "$@"
  date -u +%FT%TZ >"$dir/done/$name"
}

demonstrate() { # PHASE
  rm -f "$dir/demonstrations-$1.jsonl"
  "$empg" rollout --env webshop --policy expert --model "$start" --episodes "$demonstrations" \
    --mistakes 0.15 --max-turns 15 --seed "$1" --out "$dir/demonstrations-$1.jsonl"
}

warm() { # PHASE FROM LEARNING-RATE
  rm -rf "$dir/warm-$1"
  "$empg" sft --model "$2" --data "$dir/demonstrations-$1.jsonl" --out "$dir/warm-$1" --device software \
    --batch-tokens 2048 --learning-rate "$3" --warmup 40 --weight-decay 0 --progress-every 50 --seed "$1"
}

# Goals of held-out products; published runs are measured at temperature 0.4.
measure() { # NAME MODEL TEMPERATURE
  "$empg" eval --env webshop --model "$2" --split heldout --episodes "$episodes" --temperature "$3" \
    --max-turns 15 --max-tokens-per-turn 40 --device software --seed 1 --json >"$dir/eval-$1.json"
}

reinforce() {
  if [ -e "$dir/run" ]; then
    "$empg" train --resume "$dir/run" --device software
  else
    # shellcheck disable=SC2086
    "$empg" train "$here/train.toml" --out "$dir/run" --device software --set "model.path=\"$dir/warm-3\"" ${TRAIN:-}
  fi
}

from=$start
for phase in "1 3e-3" "2 2e-3" "3 1e-3"; do
  number=${phase% *}
  stage "demonstrations-$number" demonstrate "$number"
  stage "warm-$number" warm "$number" "$from" "${phase#* }"
  from=$dir/warm-$number
  stage "eval-warm-$number" measure "warm-$number" "$from" 1
done
stage eval-warm-3-sharp measure warm-3-sharp "$from" 0.4
stage train reinforce
stage export "$empg" export "$dir/run" --out "$dir/trained"
stage eval-trained measure trained "$dir/trained" 1
stage eval-trained-sharp measure trained-sharp "$dir/trained" 0.4
