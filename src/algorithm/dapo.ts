/**
 * `method = "dapo"`: decoupled clip and dynamic sampling (arXiv 2503.14476). GRPO's advantage; what is new stands in
 * the defaults: clip-higher, mean over all tokens, groups without a difference redrawn, overlong turns
 * punished softly, no KL. The dual clip (arXiv 1912.09729) is that of its published implementation.
 */

import { z } from "zod";
import { standardization } from "./grpo.ts";
import { groupKeys, lossKeys, overlongKeys } from "./method-keys.ts";

export const DapoConfig = z.strictObject({
  method: z.literal("dapo"),
  ...standardization,
  ...lossKeys({ clip_low: 0.2, clip_high: 0.28, dual_clip: 3, kl_coefficient: 0 }),
  ...groupKeys({ uniform_groups: "redraw" }),
  ...overlongKeys({ overlong_penalty: 1 }),
});

export { grpo as dapo } from "./grpo.ts";
