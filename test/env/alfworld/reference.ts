import type { Alternative, Grammar } from "../../../src/env/alfworld/grammar.ts";
import type { Fact, Problem } from "../../../src/env/alfworld/problem.ts";
import { type Expression, List, readExpression } from "../../../src/env/alfworld/s-expression.ts";

/**
 * The household as its files say, interpreted fact by fact: slow, plain, and ignorant of what actions mean.
 * Preconditions, effects, goals and text rules are read from the game's own domain and grammar.
 */
export class ReferenceGame {
  readonly #problem: Problem;
  readonly #grammar: Grammar;
  readonly #names: ReadonlyMap<string, string>;
  readonly #actions: readonly ActionRule[];
  /** What is true, by predicate. */
  readonly #facts = new Map<string, Set<string>>();
  /** What texts know: the same, and what was said not to be. */
  readonly #told = new Set<string>();

  constructor(domain: string, problem: Problem, grammar: Grammar) {
    this.#problem = problem;
    this.#grammar = grammar;
    this.#names = namesOf(problem.facts);
    this.#actions = readExpression(domain, "domain")
      .items.filter((item): item is List => item instanceof List && item.head === ":action")
      .map(actionRule);
    for (const fact of problem.facts) {
      this.#set(fact.join(" "), true);
      this.#told.add(fact.join(" "));
    }
  }

  admissible(): string[] {
    return [...new Set(this.#applicable().map(({ command }) => command))].sort();
  }

  won(): boolean {
    return this.#holds(this.#problem.goal, {});
  }

  step(sent: string): string {
    const chosen = this.#applicable().find(({ command }) => command === sent);
    if (chosen === undefined) return "Nothing happens.";
    const { action, bound } = chosen;
    const changes = this.#changes(action.effect, bound);
    for (const { fact, becomes } of changes) if (!becomes) this.#set(fact, false);
    for (const { fact, becomes } of changes) if (becomes) this.#set(fact, true);
    for (const { fact, becomes } of this.#changes(action.effect, bound, true)) {
      this.#told.delete(becomes ? `not_${fact}` : fact);
      this.#told.add(becomes ? fact : `not_${fact}`);
    }
    const feedback = this.#grammar.actions.get(action.name)?.feedback ?? "";
    return this.#speak(feedback.replace(/^\n/, ""), bound);
  }

  #set(fact: string, becomes: boolean): void {
    const predicate = fact.split(" ")[0] as string;
    const facts = this.#facts.get(predicate) ?? new Set();
    this.#facts.set(predicate, facts);
    if (becomes) facts.add(fact);
    else facts.delete(fact);
  }

  #applicable(): { action: ActionRule; bound: Bound; command: string }[] {
    return this.#actions.flatMap((action) => {
      const template = [...this.#grammar.actions].find(
        ([name]) => name.toLowerCase() === action.key,
      );
      const found = this.#solve([action.precondition], { "?a": "agent1" }, action.types);
      return found
        .filter((bound) => !this.#changesNothing(action.effect, bound))
        .map((bound) => {
          const plain = Object.fromEntries(
            Object.entries(bound).map(([name, id]) => [name.slice(1), id]),
          );
          const named = { ...action, name: template?.[0] ?? "" };
          const command = this.#speak(template?.[1].template ?? "", plain);
          return { action: named, bound: plain, command };
        });
    });
  }

  /** What it deletes it adds again, and nothing else. */
  #changesNothing(effect: Expression, bound: Bound): boolean {
    const plain = Object.fromEntries(Object.entries(bound).map(([k, id]) => [k.slice(1), id]));
    const changes = this.#changes(effect, plain, true);
    const added = new Set(changes.filter(({ becomes }) => becomes).map(({ fact }) => fact));
    const deleted = changes.filter(({ becomes }) => !becomes).map(({ fact }) => fact);
    return (
      deleted.length > 0 && added.size === deleted.length && deleted.every((f) => added.has(f))
    );
  }

  /** @param always conditional effects, too, whether their condition holds or not */
  #changes(effect: Expression, bound: Bound, always = false): { fact: string; becomes: boolean }[] {
    if (!(effect instanceof List) || effect.head === "increase") return [];
    const [head, ...parts] = effect.items;
    if (head === "and") return parts.flatMap((part) => this.#changes(part, bound, always));
    if (head === "when") {
      const [condition, then] = parts as [Expression, Expression];
      const scope = Object.fromEntries(Object.entries(bound).map(([k, id]) => [`?${k}`, id]));
      return always || this.#holds(condition, scope) ? this.#changes(then, bound, always) : [];
    }
    const becomes = head !== "not";
    const atom = (becomes ? effect : parts[0]) as List;
    const fact = atom.items.map((term) => bound[(term as string).slice(1)] ?? term).join(" ");
    return [{ fact: fact as string, becomes }];
  }

  /** All bindings under which every condition holds. */
  #solve(open: readonly Expression[], bound: Bound, types: Bound): Bound[] {
    const [first, ...rest] = open;
    if (first === undefined) return [bound];
    if (!(first instanceof List) || first.items.length === 0)
      return this.#solve(rest, bound, types);
    const [head, ...parts] = first.items;
    if (head === "and") return this.#solve([...parts, ...rest], bound, types);
    if (head === "or" || head === "not" || head === "exists" || head === "=") {
      if (head === "or" && !isGround(first, bound)) {
        return parts.flatMap((part) => this.#solve([part, ...rest], bound, types));
      }
      if (!isGround(first, bound)) {
        // Whatever binds its variables goes first; where nothing does, its own facts do.
        if (rest.length > 0) return this.#solve([...rest, first], bound, types);
        const inner = { ...types, ...variableTypes(parts[0] as List) };
        return this.#solve([parts[1] as Expression], bound, inner);
      }
      return this.#holds(first, bound) ? this.#solve(rest, bound, types) : [];
    }
    return this.#matches(first, bound, types).flatMap((next) => this.#solve(rest, next, types));
  }

  #matches(atom: List, bound: Bound, types: Bound): Bound[] {
    const [head, ...terms] = atom.items as string[];
    const found: Bound[] = [];
    for (const fact of this.#facts.get(head as string) ?? []) {
      const args = fact.split(" ").slice(1);
      const next: Record<string, string> = { ...bound };
      const fits = terms.every((term, i) => {
        if (term.startsWith("?")) next[term] ??= args[i] as string;
        const value = next[term] ?? term;
        const type = types[term];
        const isOfType = type === undefined || this.#problem.types.get(value) === type;
        return value === args[i] && isOfType;
      });
      if (fits) found.push(next);
    }
    return found;
  }

  #holds(condition: Expression, bound: Bound): boolean {
    if (!(condition instanceof List) || condition.items.length === 0) return true;
    const [head, ...parts] = condition.items;
    if (head === "and") return parts.every((part) => this.#holds(part, bound));
    if (head === "or") return parts.some((part) => this.#holds(part, bound));
    if (head === "not") return !this.#holds(parts[0] as Expression, bound);
    const value = (term: Expression) => bound[term as string] ?? (term as string);
    if (head === "=") return value(parts[0] as Expression) === value(parts[1] as Expression);
    if (head === "exists") {
      const inner = { ...bound };
      const types = variableTypes(parts[0] as List);
      for (const name of Object.keys(types)) delete inner[name];
      return this.#solve([parts[1] as Expression], inner, types).length > 0;
    }
    return this.#facts.get(head as string)?.has([head, ...parts.map(value)].join(" ")) === true;
  }

  opening(): string {
    return this.#speak("#intro#", {});
  }

  #rule(name: string, bound: Bound): string {
    const alternatives = this.#grammar.rules.get(name) as readonly Alternative[];
    const chosen = alternatives.find(
      ({ condition }) => condition === undefined || this.#query(condition, bound).length > 0,
    );
    return this.#speak((chosen as Alternative).text, bound);
  }

  #speak(text: string, bound: Bound): string {
    return text
      .replace(/\[\{(.*?) \| (.*?)\}?\]/g, (_, item: string, query: string) => {
        const said = this.#query(query.replace(/\}$/, ""), bound).map((found) =>
          this.#speak(item.startsWith("#") ? item : `{${item}}`, found),
        );
        if (said.length < 2) return said[0] ?? "nothing";
        return `${said.slice(0, -1).join(", ")}, and ${said.at(-1)}`;
      })
      .replace(/#([^#]+)#/g, (_, rule: string) => this.#rule(rule, bound))
      .replace(
        /\{(?:\w+\.indefinite \+ ' ' \+ )(\w+)\.name\}/g,
        (_, name) => `a ${this.#name(bound[name])}`,
      )
      .replace(/\{\w+\.indefinite\}/g, "a")
      .replace(/\{(\w+)(?:\.name)?(?: or \w+\.id)?\}/g, (_, name) => this.#name(bound[name]));
  }

  #name(id: string | undefined): string {
    return this.#names.get(id ?? "") ?? "";
  }

  /** Conjunctive query over what is told, facts in order; different variables are different things. */
  #query(query: string, bound: Bound): Bound[] {
    const atoms = query.split("&").map((atom) => {
      const [, predicate = "", list = ""] = /^\s*(\w+)\((.*)\)\s*$/.exec(atom) ?? [];
      return {
        predicate,
        terms: list.split(",").map((term) => term.trim().split(":") as [string, string?]),
      };
    });
    const told = [...this.#told].map((fact) => fact.split(" ")).sort(compareFacts);
    let found: Bound[] = [{ a: "agent1", ...bound }];
    for (const { predicate, terms } of atoms) {
      found = found.flatMap((one) =>
        told.flatMap(([head, ...args]) => {
          if (head !== predicate) return [];
          const next: Record<string, string> = { ...one };
          for (const [i, [name, type]] of terms.entries()) {
            const id = args[i] as string;
            if (type !== undefined && this.#problem.types.get(id) !== type) return [];
            const used = Object.values(next).includes(id);
            if (next[name] === undefined && used) return [];
            next[name] ??= id;
            if (next[name] !== id) return [];
          }
          return [next];
        }),
      );
    }
    return found;
  }
}

type Bound = Readonly<Record<string, string>>;

interface ActionRule {
  readonly key: string;
  readonly name: string;
  readonly types: Bound;
  readonly precondition: Expression;
  readonly effect: Expression;
}

function actionRule({ items }: List): ActionRule {
  const part = (key: string) => items[items.indexOf(key) + 1] as Expression;
  return {
    ...{ key: items[1] as string, name: "", types: variableTypes(part(":parameters") as List) },
    ...{ precondition: part(":precondition"), effect: part(":effect") },
  };
}

/** `?a - agent ?b ?c - object` by variable; a comma stays with its type. */
function variableTypes({ items }: List): Record<string, string> {
  const types: Record<string, string> = {};
  let waiting: string[] = [];
  for (const [i, item] of items.entries()) {
    if (items[i - 1] === "-") {
      for (const name of waiting) types[name] = item as string;
      waiting = [];
    } else if (item !== "-") waiting.push(item as string);
  }
  return types;
}

function isGround(condition: Expression, bound: Bound, own: readonly string[] = []): boolean {
  if (!(condition instanceof List)) {
    return !condition.startsWith("?") || bound[condition] !== undefined || own.includes(condition);
  }
  const [head, list] = condition.items;
  const inner = head === "exists" ? [...own, ...Object.keys(variableTypes(list as List))] : own;
  return condition.items.every((item) => isGround(item, bound, inner));
}

function compareFacts(a: readonly string[], b: readonly string[]): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const [one = "", other = ""] = [a[i], b[i]];
    if (one !== other) return one < other ? -1 : 1;
  }
  return 0;
}

/** Names as the specification counts them. */
function namesOf(facts: readonly Fact[]): Map<string, string> {
  const ids = [...new Set(facts.flatMap((fact) => fact.slice(1)))].sort();
  const group = (id: string) =>
    `${id.split("_bar_")[0]}${/basin/.test(id) && /_bar_/.test(id) ? "basin" : ""}`;
  return new Map(
    ids.map((id, i) => {
      const after = ids.slice(i).filter((other) => group(other) === group(id)).length;
      return [id, id.includes("_bar_") ? `${group(id)} ${after}` : `${id} `];
    }),
  );
}
