// bun bench/run.ts [NAME…] [--device NAME] [--compare FILE] [--json]: `empg bench`, without building empg.

import { dispatch } from "../src/cli/dispatch.ts";
import { processHost } from "../src/cli/process-host.ts";

process.exit(await dispatch(["bench", ...process.argv.slice(2)], processHost()));
