/**
 * The game's rules: an inventory and the three commands. Commands are matched at the start of the
 * line only, case matters, nothing is trimmed. Amounts are unlimited, hence bigint.
 */

import { repr } from "../python-text.ts";
import { strip } from "../strip.ts";
import { countAndName } from "./count-and-name.ts";
import { type Recipe, type RecipeBook, readable } from "./recipe-book.ts";

export interface Reply {
  readonly observation: string;
  /** The command was understood and carried out. */
  readonly done: boolean;
  /** The item id a craft has just produced. */
  readonly crafted?: string;
}

interface Amount {
  /** Undefined for a tag, which cannot be owned. */
  readonly item: string | undefined;
  readonly count: bigint;
}

const CRAFT = "craft ";
const USING = " using ";

export class Crafting {
  readonly #book: RecipeBook;
  readonly #held: Map<string, bigint>;

  /** @param held what is carried at the start, item id → amount; nothing when absent */
  constructor(book: RecipeBook, held: Iterable<readonly [string, bigint]> = []) {
    this.#book = book;
    this.#held = new Map(held);
  }

  /** Item id → amount, in the order of first acquisition. */
  get held(): ReadonlyMap<string, bigint> {
    return this.#held;
  }

  /** Any text is a legal command. */
  execute(command: string): Reply {
    if (command.startsWith(CRAFT)) return this.#craft(command);
    if (command.startsWith("get ")) return this.#get(command);
    if (command.startsWith("inventory")) return done(this.#inventory());
    return notUnderstood(command);
  }

  #get(command: string): Reply {
    const wanted = countAndName(command.slice("get ".length));
    if (wanted === undefined) return notUnderstood(command);
    const { count, name } = wanted;
    const { items, tags, ofItem, ofTag } = this.#book;
    const id = idOf(name);
    if (!items.has(id) || tags.has(id) || ofItem.has(id) || ofTag.has(id)) {
      return refused(`Could not find ${name}`);
    }
    this.#add(id, count);
    return done(`Got ${count} ${name}`);
  }

  #inventory(): string {
    if (this.#held.size === 0) return "Inventory: You are not carrying anything.";
    let text = "Inventory: ";
    for (const [item, count] of this.#held) text += `[${readable(item)}] (${count}) `;
    return text;
  }

  #craft(command: string): Reply {
    const lineEnd = command.indexOf("\n");
    const line = lineEnd < 0 ? command : command.slice(0, lineEnd);
    const using = line.lastIndexOf(USING);
    if (using < CRAFT.length) return notUnderstood(command);

    const output = line.slice(CRAFT.length, using);
    const counted = countAndName(output);
    if (counted === undefined && /^[0-9]+ /.test(output)) return notUnderstood(command);
    const outputId = idOf(counted?.name ?? output);
    const isTag = this.#book.tags.has(outputId);

    const inputs: Amount[] = [];
    for (const part of line.slice(using + USING.length).split(",")) {
      const piece = strip(part);
      const input = countAndName(piece);
      if (input === undefined) return refused(`Wrong item format: ${piece}`);
      const id = idOf(input.name);
      inputs.push({ item: this.#book.tags.has(id) ? undefined : id, count: input.count });
    }
    const lack = `Could not find enough items to craft ${isTag ? "None" : outputId}`;
    if (!inputs.every((input) => this.#owns(input))) return refused(lack);
    const recipes = isTag ? undefined : this.#book.ofItem.get(outputId);
    const recipe = recipes?.find((candidate) => matches(candidate, inputs, this.#book.tagOf));
    if (recipe === undefined) {
      const ids = isTag ? `${repr(outputId)}, item_id=None` : `None, item_id=${repr(outputId)}`;
      const item = `ItemTagWithCount(item_tag=ItemTag(tag=${ids}), count=${counted?.count ?? 1})`;
      return refused(`Could not find a valid recipe for ${item}`);
    }
    if (!this.#ownsTogether(inputs)) return refused(lack);
    for (const { item, count } of inputs) this.#remove(item as string, count);
    this.#add(outputId, BigInt(recipe.amount));
    return { observation: `Crafted ${recipe.amount} ${outputId}`, done: true, crafted: outputId };
  }

  #owns({ item, count }: Amount): boolean {
    const held = item === undefined ? undefined : this.#held.get(item);
    return held !== undefined && held >= count;
  }

  /** One item may stand for two ingredients of a recipe; then it is needed twice. */
  #ownsTogether(inputs: readonly Amount[]): boolean {
    return inputs.every(({ item }) => {
      let count = 0n;
      for (const input of inputs) if (input.item === item) count += input.count;
      return this.#owns({ item, count });
    });
  }

  #add(item: string, count: bigint): void {
    this.#held.set(item, (this.#held.get(item) ?? 0n) + count);
  }

  /** An entry that reaches zero vanishes, so its item moves to the end when it is acquired again. */
  #remove(item: string, count: bigint): void {
    const left = (this.#held.get(item) ?? 0n) - count;
    if (left === 0n) this.#held.delete(item);
    else this.#held.set(item, left);
  }
}

/**
 * Each ingredient takes the first remaining input that fits, which must have exactly its amount, and
 * nothing may be left over.
 */
function matches(
  recipe: Recipe,
  inputs: readonly Amount[],
  tagOf: ReadonlyMap<string, string>,
): boolean {
  if (inputs.length !== recipe.ingredients.length) return false;
  const remaining = [...inputs];
  for (const { name, isTag, amount } of recipe.ingredients) {
    const found = remaining.findIndex(({ item }) =>
      isTag ? item !== undefined && tagOf.get(item) === name : item === name,
    );
    if (found < 0 || remaining[found]?.count !== BigInt(amount)) return false;
    remaining.splice(found, 1);
  }
  return true;
}

/** `oak planks` and `oak_planks` name the same thing. */
function idOf(name: string): string {
  return `minecraft:${name.replaceAll(" ", "_")}`;
}

function done(observation: string): Reply {
  return { observation, done: true };
}

function refused(observation: string): Reply {
  return { observation, done: false };
}

function notUnderstood(command: string): Reply {
  return refused(`Could not execute ${command}`);
}
