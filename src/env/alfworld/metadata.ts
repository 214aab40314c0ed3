/** What `traj_data.json` says about a game: its kind of task and how people described it. */
import { z } from "zod";
import { UserError } from "../../core/errors.ts";
import { validate } from "../../core/validate.ts";
import { type Folder, METADATA_FILE } from "./folders.ts";

const Metadata = z.object({
  task_type: z.string(),
  turk_annotations: z
    .object({ anns: z.array(z.object({ task_desc: z.string() })) })
    .default({ anns: [] }),
});
export type Metadata = z.output<typeof Metadata>;

/** @throws UserError naming the file and key */
export function readMetadata(folder: Folder): Metadata {
  const path = folder.path(METADATA_FILE);
  let value: unknown;
  try {
    value = JSON.parse(folder.read(METADATA_FILE));
  } catch (error) {
    if (error instanceof UserError) throw error;
    const reason = (error as Error).message.replace(/^JSON Parse error: /, "");
    throw new UserError(`${path}: not JSON: ${reason}`);
  }
  return validate(Metadata, value, path);
}
