/** A mistake of the caller: shown without a stack, with what to do about it. The process exits with 2. */
export class UserError extends Error {
  override readonly name = "UserError";
  readonly hint: string | undefined;

  /**
   * @param problem what is wrong, where, what was found and what is allowed, in one line
   * @param hint what to do about it, in one line
   */
  constructor(problem: string, hint?: string) {
    super(problem);
    this.hint = hint;
  }
}

/** The process was told to stop while work went on that can be done again. */
export class InterruptedError extends Error {
  override readonly name = "InterruptedError";
}

/** Throws when our own code broke a promise; a failure here is a bug in empg, never the caller's fault. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`internal error: ${message}`);
}
