/** `empg envs`: which worlds there are, and how many tasks each split has. */

import { openWorld, WORLD_NAMES } from "../../env/worlds.ts";
import { defineCommand } from "../command.ts";

export const command = defineCommand({
  name: "envs",
  summary: "list the environments with their splits and sizes",
  async run({ json }, io) {
    const rows = await Promise.all(
      WORLD_NAMES.map(async (name) => {
        const { splits } = await openWorld(name);
        const sizes = Object.entries(splits).map(([split, tasks]) => [split, tasks.length]);
        return { name, splits: Object.fromEntries(sizes) as Record<string, number> };
      }),
    );
    if (json) {
      io.out(JSON.stringify(rows));
      return;
    }
    for (const { name, splits } of rows) {
      const sizes = Object.entries(splits).map(([split, size]) => `${split} ${size}`);
      io.out(`${name}  ${sizes.join(" · ")}`);
    }
  },
});
