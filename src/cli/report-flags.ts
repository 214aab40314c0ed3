/** What the commands that write a comparison's table share. */

import { number } from "./flags.ts";

/** In [0, 1]. */
export const TARGET = number(
  "SHARE",
  "success to reach, 0 to 1; absent: halfway between the first arm's ends",
  { minimum: 0, maximum: 1 },
);
