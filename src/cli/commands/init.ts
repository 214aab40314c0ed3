/** `empg init`: a configuration file to start from. */

import { writeFile } from "node:fs/promises";
import { UserError } from "../../core/errors.ts";
import { unreadable } from "../../core/text-file.ts";
import { commentedDefaults } from "../../train/config-file.ts";
import { defineCommand } from "../command.ts";
import { operand } from "../flags.ts";

export const command = defineCommand({
  name: "init",
  summary: "write a commented configuration with every default",
  operands: { file: operand.optional("where to; empg.toml when absent, - for standard output") },
  async run({ file = "empg.toml", json }, io) {
    const text = commentedDefaults();
    if (file === "-" && !json) {
      io.out(text.trimEnd());
      return;
    }
    if (file === "-") throw new UserError("init: - and --json both claim standard output");
    await writeNew(file, text);
    io.note(`wrote ${file}; train with it: empg train ${file}`);
    if (json) io.out(JSON.stringify({ file }));
  },
});

async function writeNew(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text, { flag: "wx" });
  } catch (error) {
    if ((error as { code?: unknown }).code === "EEXIST") {
      throw new UserError(`${file}: exists already`, "name another file, or remove this one");
    }
    throw unreadable(file, error, "write");
  }
}
