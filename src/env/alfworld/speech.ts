/**
 * A grammar compiled to functions, once for all games that share it. A rule has ordered alternatives, the
 * first whose condition holds is used; a text holds
 *
 *     {o.name}  {o.indefinite}           a thing, its article        #rule#  #rule(o)#    another rule
 *     [{…} | query]                      a list: "nothing", "a", "a, and b", "a, b, and c"
 */
import { invariant, UserError } from "../../core/errors.ts";
import { ACTIONS, type Action, type Command } from "./commands.ts";
import type { Alternative, Grammar } from "./grammar.ts";
import {
  type Bound,
  conditionOf,
  type Holds,
  LISTINGS,
  NOTHING_BOUND,
  plainQuery,
  type View,
} from "./queries.ts";

type Say = (view: View, bound: Bound) => string;

/** The article of everything, vowel or not. */
const ARTICLE = "a";
const LIST_RULES = ["list_empty", "list_separator", "list_last_separator"] as const;

export class Speech {
  readonly #rules: ReadonlyMap<string, readonly Alternative[]>;
  readonly #lines: Grammar["lines"];
  readonly #where: string;
  readonly #compiled = new Map<string, Say>();
  readonly #answers: ReadonlyMap<Action, Say>;
  readonly #intro: Say;

  /** @throws UserError for a rule that is missing, circular, or asks what empg does not know */
  constructor(grammar: Grammar, where: string) {
    this.#rules = grammar.rules;
    this.#lines = grammar.lines;
    this.#where = where;
    for (const name of LIST_RULES) this.#rule(name, []);
    this.#intro = this.#rule("look.feedback", []);
    const answers = ACTIONS.flatMap((action): [Action, Say][] => {
      const feedback = grammar.actions.get(action)?.feedback;
      if (feedback === undefined) return [];
      return [
        [action, this.#text(feedback.replace(/^\n/, ""), `action ${action}`, [`action ${action}`])],
      ];
    });
    this.#answers = new Map(answers);
  }

  /** The opening observation; `task` is the sentence that says what to do. */
  opening(view: View, task: string): string {
    const intro = this.#rules.get("intro")?.[0]?.text;
    const text = intro ?? "#look.feedback#\n\n#task#";
    const look = this.#intro(view, NOTHING_BOUND);
    return text
      .split(/(#look\.feedback#|#task#)/)
      .map((part) => {
        if (part === "#look.feedback#") return look;
        return part === "#task#" ? task : part;
      })
      .join("");
  }

  /** What the game answers to a command that it has carried out. */
  answer(view: View, { action, object, other }: Command): string {
    const say = this.#answers.get(action);
    invariant(say !== undefined, `no answer to ${action}`);
    const isCut = action === "SliceObject";
    return say(view, {
      r: isCut ? -1 : other,
      o: isCut ? -1 : object,
      o2: -1,
      co: isCut ? object : -1,
      ko: isCut ? other : -1,
      lend: action === "GotoLocation" ? (view.house.locationOf[other] as number) : -1,
      here: true,
    });
  }

  /** @param inside the rules that asked for this one */
  #rule(name: string, inside: readonly string[]): Say {
    const known = this.#compiled.get(name);
    if (known !== undefined) return known;
    const alternatives = this.#rules.get(name);
    if (alternatives === undefined) throw this.#wrong(inside.at(-1) ?? name, `no rule "${name}"`);
    if (inside.includes(name)) throw this.#wrong(name, "it leads back to itself");
    const path = [...inside, name];
    const compiled = alternatives.map(({ condition, text }) => ({
      holds: condition === undefined ? undefined : this.#condition(condition, name),
      say: this.#text(text.replace(/^\n/, ""), name, path),
    }));
    const [only] = compiled;
    const say: Say =
      compiled.length === 1 && only !== undefined && only.holds === undefined
        ? only.say
        : (view, bound) =>
            compiled
              .find(({ holds }) => holds === undefined || holds(view, bound))
              ?.say(view, bound) ?? "";
    this.#compiled.set(name, say);
    return say;
  }

  #condition(query: string, rule: string): Holds {
    const condition = conditionOf(query);
    if (condition === undefined) throw this.#wrong(rule, `unknown condition "${query}"`);
    return condition;
  }

  #text(text: string, rule: string, inside: readonly string[]): Say {
    const parts = text.split(/(\[\{[^\]|]*\|[^\]]*\}\]|#[\w.\-() ,]+#|\{[^{}]*\})/);
    const says = parts.filter((part) => part !== "").map((part) => this.#part(part, rule, inside));
    const [first = () => "", second, third] = says;
    if (second === undefined) return first;
    if (third === undefined) return (view, bound) => first(view, bound) + second(view, bound);
    return (view, bound) => {
      let said = "";
      for (const say of says) said += say(view, bound);
      return said;
    };
  }

  #part(part: string, rule: string, inside: readonly string[]): Say {
    const list = /^\[\{([^|]*?)\s*\|\s*(.*?)\s*\}\]$/s.exec(part);
    if (list !== null) return this.#list(list[1] as string, list[2] as string, rule, inside);
    if (/^#.+#$/.test(part)) return this.#rule(part.slice(1, -1), inside);
    const slot = /^\{(.*)\}$/s.exec(part)?.[1];
    return slot === undefined ? () => part : this.#slot(slot, rule);
  }

  #slot(slot: string, rule: string): Say {
    const pieces = slot.split("+").map((piece): Say => {
      const quoted = /^\s*'(.*)'\s*$/.exec(piece)?.[1];
      if (quoted !== undefined) return () => quoted;
      const [, variable = "", field] =
        /^\s*(\w+)\.(name|indefinite)(?: or \1\.id)?\s*$/.exec(piece) ?? [];
      if (field === "indefinite") return () => ARTICLE;
      if (variable === "r") return ({ house }, { r }) => house.receptacles[r] ?? "";
      if (variable === "lend") return ({ house }, { lend }) => house.locations[lend] ?? "";
      if (variable === "o" || variable === "o2" || variable === "co" || variable === "ko") {
        return ({ house }, bound) => house.objects[bound[variable]] ?? "";
      }
      throw this.#wrong(rule, `unknown slot "{${slot}}"`);
    });
    return (view, bound) => pieces.map((say) => say(view, bound)).join("");
  }

  #list(item: string, query: string, rule: string, inside: readonly string[]): Say {
    const plain = plainQuery(query);
    const listing = Object.hasOwn(LISTINGS, plain) ? LISTINGS[plain] : undefined;
    if (listing === undefined) throw this.#wrong(rule, `unknown list "${query}"`);
    const say = /^#.+#$/.test(item)
      ? this.#rule(item.slice(1, -1), inside)
      : this.#slot(item, rule);
    const variable = /\bo2\b/.test(item) ? "o2" : /\bo\b/.test(item) ? "o" : "r";
    const [empty, separator, last] = LIST_RULES.map((name) => this.#rule(name, []));
    return (view, bound) => {
      const values = listing(view, bound);
      if (values.length === 0) return (empty as Say)(view, bound);
      const items = values.map((value) => say(view, { ...bound, [variable]: value }));
      if (items.length === 1) return items[0] as string;
      const end = items.pop() as string;
      return items.join((separator as Say)(view, bound)) + (last as Say)(view, bound) + end;
    };
  }

  #wrong(rule: string, problem: string): UserError {
    const line = this.#lines?.get(rule);
    const place = line === undefined ? this.#where : `${this.#where}:${line}`;
    return new UserError(`${place}: rule "${rule}": ${problem}`);
  }
}
