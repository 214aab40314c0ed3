/** Preloaded by bunfig.toml: a failing property reports what it has after half a minute of shrinking. */

import fc from "fast-check";

fc.configureGlobal({ interruptAfterTimeLimit: 30_000 });
