/** The executable: joins the commands to this process. */

import { EXIT } from "./command.ts";
import { dispatch, isClosedPipe } from "./dispatch.ts";
import { processHost } from "./process-host.ts";

try {
  process.exit(await dispatch(process.argv.slice(2), processHost()));
} catch (error) {
  // A reader such as `head` had enough: there is nobody left to tell.
  if (isClosedPipe(error)) process.exit(EXIT.done);
  throw error;
}
