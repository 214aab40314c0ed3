/** A piece of a parsed template, as far as it matters here. */
interface Node {
  readonly type: string;
  readonly value?: unknown;
  readonly body?: readonly Node[];
  readonly alternate?: readonly Node[];
  readonly defaultBlock?: readonly Node[];
}

/**
 * Whether a template may leave an iteration (`break`, `continue`) after the iteration wrote something: the
 * library forgets what it wrote, where Jinja keeps it.
 */
export function losesOutput(body: readonly Node[]): boolean {
  return walk(body, false).loses;
}

/** @param wrote something was written in this iteration before these */
function walk(nodes: readonly Node[], wrote: boolean): { wrote: boolean; loses: boolean } {
  let loses = false;
  for (const node of nodes) {
    switch (node.type) {
      case "Break":
      case "Continue":
        loses ||= wrote;
        break;
      case "If": {
        const branches = [node.body, node.alternate].map((branch) => walk(branch ?? [], wrote));
        loses ||= branches.some((branch) => branch.loses);
        wrote = branches.some((branch) => branch.wrote);
        break;
      }
      case "For": {
        const inner = walk(node.body ?? [], false);
        const other = walk(node.defaultBlock ?? [], false);
        loses ||= inner.loses || other.loses;
        wrote ||= inner.wrote || other.wrote;
        break;
      }
      case "Set":
      case "Macro":
        loses ||= walk(node.body ?? [], false).loses;
        break;
      case "Comment":
        break;
      case "StringLiteral":
        wrote ||= node.value !== "";
        break;
      default:
        wrote = true;
    }
  }
  return { wrote, loses };
}
