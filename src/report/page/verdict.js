// What modulation made of a step's advantage: the word, and the sum it comes from.

const MORE = 0.05;

/** What became of a step's advantage, by the rule that the legend states. */
export function verdict([, , , base, final]) {
  if (base === null || final === null) return ["not written down", ""];
  if (Math.abs(base) < 1e-9) return final >= 0 ? ["bonus only", "up"] : ["pulled below 0", "down"];
  if (base * final < 0) return ["turned over", final > 0 ? "up" : "down"];
  const ratio = final / base;
  if (base > 0) {
    if (ratio > 1 + MORE) return ["amplified", "up"];
    return ratio < 1 - MORE ? ["damped", ""] : ["kept", ""];
  }
  if (ratio > 1 + MORE) return ["punished harder", "down"];
  return ratio < 1 - MORE ? ["treated gently", ""] : ["punished as before", "down"];
}

export function signed(value) {
  return `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(3)}`;
}

/** Where A_final comes from: the gate's part, the bonus, and what centring took. @param modulation null where a run has none */
export function account([, g, f, base, final], modulation) {
  if (!modulation) return "no modulation: A final is A";
  if (base === null || final === null || g === null) return "";
  const bonus = f === null ? 0 : modulation.zeta * f;
  const parts = [`A ${signed(base)} × g ${g.toFixed(3)} = ${signed(base * g)}`];
  parts.push(f === null ? "no bonus (no next step)" : `bonus ζ·f ${signed(bonus)}`);
  parts.push(`centring ${signed(final - base * g - bonus)}`);
  return parts.join(", ");
}
