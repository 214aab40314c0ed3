#!/bin/sh
# The command of the comparison: ./compare.sh EMPG DIR SEEDS, resumable; a larger SEEDS adds runs.
set -eu
here=$(dirname "$0")
exec "$1" compare "$here/compare.toml" --device software --seeds "$3" --out "$2" \
  --methods grpo,grpo+empg,dapo,dapo+empg,grpo+scale,grpo+clarity,grpo+center,grpo+empg-robust \
  --arm empg-center-bonus=grpo+empg,modulation.center=bonus \
  --arm empg-center-trajectory=grpo+empg,modulation.center=trajectory \
  --arm empg-first-token=grpo+empg,modulation.step_entropy=first \
  --arm empg-robust-bonus=grpo+empg-robust,modulation.center=bonus
