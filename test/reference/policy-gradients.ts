/**
 * Clipped surrogate with a KL term, and its gradient with respect to the logits.
 *
 *   r = e^(ln π − ln π_old)          d = ln π_ref − ln π
 *   policy_j = −min(r·A, clip(r, 1 − clip_low, 1 + clip_high)·A); for A < 0 at most −c·A, where c > 0
 *   kl_j     = k1: −d     k2: d²/2     k3: min(e^d − d − 1, K), for d > 20 along its tangent at 20
 *   loss     = Σ_j w_j · (policy_j + β·kl_j − c_H·H_j)         H_j the entropy of π
 *
 *   token-mean            w = 1 / N                  N tokens in the batch
 *   seq-mean-token-sum    w = 1 / B                  B sequences that have a token
 *   seq-mean-token-mean   w = 1 / (B · n_i)          n_i tokens of the sequence
 *   token-sum             w = 1
 *   seq-mean-token-sum-norm  w = 1 / (B · L)         L given
 *
 *   ∂loss/∂z = w · (∂policy/∂ln π + β·∂kl/∂ln π) · (onehot(a) − π) / temperature
 *            − w · c_H · ∂H/∂z            ∂H/∂z_v = −π_v · (ln π_v + H) / temperature
 *   ∂policy/∂ln π = −r·A where r·A ≤ clip(r)·A, else 0;   ∂kl/∂ln π = k1: 1   k2: −d   k3: 1 − e^d
 *
 * Decisions: π is the distribution sampled from, so the logits are divided by the temperature.
 * A sequence is one trajectory. Masked tokens are in no count, and their gradient row is 0.
 * At a kink of min the unclipped branch is taken. ln r is held within ±L, past which the slope is 0, as it is past K.
 */

import { probabilities, tokenEntropy, tokenLogProb } from "./entropy.ts";

export type LossAggregation =
  | "token-mean"
  | "token-sum"
  | "seq-mean-token-sum"
  | "seq-mean-token-mean"
  | "seq-mean-token-sum-norm";
export type KlEstimator = "k1" | "k2" | "k3";

export interface PolicyToken {
  /** (V) */
  readonly logits: ArrayLike<number>;
  readonly token: number;
  readonly advantage: number;
  readonly oldLogProb: number;
  /** Needed where the KL coefficient is not 0. */
  readonly referenceLogProb?: number;
  /** Which trajectory the token belongs to. */
  readonly sequence: number;
  /** Prompt, observation and tool tokens are masked. */
  readonly masked?: boolean;
}

export interface PolicyGradientOptions {
  readonly clipLow?: number;
  readonly clipHigh?: number;
  /** c of the dual clip; 0: none. */
  readonly dualClip?: number;
  readonly klCoefficient?: number;
  readonly klEstimator?: KlEstimator;
  readonly lossAggregation?: LossAggregation;
  /** L of seq-mean-token-sum-norm. */
  readonly lossNorm?: number;
  readonly temperature?: number;
  /** L; absent: none. */
  readonly logRatioLimit?: number;
  /** K; absent: none. */
  readonly k3Limit?: number;
  /** c_H; absent: 0. */
  readonly entropyCoefficient?: number;
}

export interface PolicyGradient {
  readonly loss: number;
  /** The two parts of the loss; klLoss carries its coefficient. */
  readonly policyLoss: number;
  readonly klLoss: number;
  /** The third: −c_H · Σ w·H. */
  readonly entropyLoss: number;
  /** Mean estimate over unmasked tokens, without coefficient; 0 without references. */
  readonly kl: number;
  /** Share of unmasked tokens whose clipped branch was taken. */
  readonly clipFraction: number;
  readonly ratioMax: number;
  /** Mean of r − 1 − ln r over unmasked tokens: k3 of the KL from the policy that sampled. */
  readonly updateKl: number;
  /** One row (V) per token. */
  readonly logitsGradient: number[][];
}

export function policyGradient(
  tokens: readonly PolicyToken[],
  options: PolicyGradientOptions = {},
): PolicyGradient {
  const { klCoefficient = 0.01, lossAggregation = "token-mean", temperature = 1 } = options;
  const { lossNorm = 1, entropyCoefficient = 0 } = options;
  const used = tokens.filter((token) => !token.masked);
  let policyLoss = 0;
  let klLoss = 0;
  let entropyLoss = 0;
  let kl = 0;
  let clipped = 0;
  let ratioMax = 0;
  let updateKl = 0;
  const logitsGradient = tokens.map((token) => {
    const zero = Array.from(token.logits, () => 0);
    if (token.masked) return zero;
    const weight = tokenWeight(token, used, lossAggregation, lossNorm);
    const terms = tokenTerms(token, options);
    policyLoss += weight * terms.policy;
    klLoss += weight * klCoefficient * terms.kl;
    kl += terms.kl / used.length;
    clipped += terms.clipped ? 1 : 0;
    ratioMax = Math.max(ratioMax, terms.ratio);
    updateKl += (terms.ratio - 1 - terms.logRatio) / used.length;
    const slope = weight * (terms.policySlope + klCoefficient * terms.klSlope);
    const entropy = tokenEntropy(token.logits, temperature);
    const bonus = weight * entropyCoefficient;
    entropyLoss -= bonus * entropy;
    return probabilities(token.logits, temperature).map((p, v) => {
      const entropySlope = p === 0 ? 0 : -p * (Math.log(p) + entropy);
      return (slope * ((v === token.token ? 1 : 0) - p) - bonus * entropySlope) / temperature;
    });
  });
  const clipFraction = used.length === 0 ? 0 : clipped / used.length;
  const loss = policyLoss + klLoss + entropyLoss;
  const losses = { loss, policyLoss, klLoss, entropyLoss };
  return { ...losses, kl, clipFraction, ratioMax, updateKl, logitsGradient };
}

/** w: what one unmasked token weighs in the loss. */
function tokenWeight(
  token: PolicyToken,
  used: readonly PolicyToken[],
  aggregation: LossAggregation,
  norm: number,
): number {
  if (aggregation === "token-sum") return 1;
  if (aggregation === "token-mean") return 1 / used.length;
  const sequences = new Set(used.map((other) => other.sequence)).size;
  if (aggregation === "seq-mean-token-sum") return 1 / sequences;
  if (aggregation === "seq-mean-token-sum-norm") return 1 / (sequences * norm);
  const own = used.filter((other) => other.sequence === token.sequence).length;
  return 1 / (sequences * own);
}

/** The value of both terms of one token, and their slopes with respect to ln π. */
function tokenTerms(token: PolicyToken, options: PolicyGradientOptions) {
  const { clipLow = 0.2, clipHigh = 0.2, dualClip = 0, klEstimator = "k3" } = options;
  const { temperature = 1, logRatioLimit = Infinity, k3Limit = Infinity } = options;
  const logProb = tokenLogProb(token.logits, token.token, temperature);
  const logRatio = logProb - token.oldLogProb;
  const heldRatio = Math.min(logRatioLimit, Math.max(-logRatioLimit, logRatio));
  const ratio = Math.exp(heldRatio);
  const { advantage } = token;
  const free = ratio * advantage;
  const held = Math.min(1 + clipHigh, Math.max(1 - clipLow, ratio)) * advantage;
  const gain = Math.min(free, held);
  const floor = advantage < 0 && dualClip > 0 ? dualClip * advantage : Number.NEGATIVE_INFINITY;
  const clipped = gain < free || gain < floor;
  const d = token.referenceLogProb === undefined ? 0 : token.referenceLogProb - logProb;
  const [kl, klSlope] = klTerm(d, klEstimator, k3Limit);
  return {
    ratio,
    logRatio,
    clipped,
    policy: -Math.max(gain, floor),
    policySlope: clipped || heldRatio !== logRatio ? 0 : -free,
    kl,
    klSlope: token.referenceLogProb === undefined ? 0 : klSlope,
  };
}

function klTerm(
  d: number,
  estimator: KlEstimator,
  k3Limit: number,
): readonly [value: number, slope: number] {
  switch (estimator) {
    case "k1":
      return [-d, 1];
    case "k2":
      return [d ** 2 / 2, -d];
    case "k3": {
      const e = Math.exp(Math.min(d, 20));
      const value = e * (1 + Math.max(d - 20, 0)) - d - 1;
      return value > k3Limit ? [k3Limit, 0] : [value, 1 - e];
    }
  }
}
