/**
 * What the generated shop sells and how it is spoken of, read from the lists in `words`: shelves by department,
 * attributes, options, and for groups of shelves their styles, uses and sentences. Lines with `#` are comments.
 */
import { invariant } from "../../../core/errors.ts";
import attributeList from "./words/attributes.txt" with { type: "text" };
import beauty from "./words/beauty.txt" with { type: "text" };
import brandList from "./words/brands.txt" with { type: "text" };
import electronics from "./words/electronics.txt" with { type: "text" };
import fashion from "./words/fashion.txt" with { type: "text" };
import garden from "./words/garden.txt" with { type: "text" };
import grocery from "./words/grocery.txt" with { type: "text" };
import groupList from "./words/groups.txt" with { type: "text" };
import optionList from "./words/options.txt" with { type: "text" };

/** Where an attribute stands in an instruction: `soft rugs with long fringe for small rooms`. */
export const ROLES = ["as", "with", "for"] as const;
export type Role = (typeof ROLES)[number];

export interface Attribute {
  /** Two words in lower case. */
  readonly name: string;
  readonly role: Role;
  /** Other words for it; a text with them does not have the name. */
  readonly phrase: string;
  /** A clause. */
  readonly reason: string;
}

export interface OptionSet {
  readonly key: string;
  readonly name: string;
  /** Some of the values in any order, or neighbours in their order. */
  readonly isRun: boolean;
  readonly values: readonly string[];
}

export interface Shelf {
  readonly department: string;
  /** What the site calls it, in lower case. */
  readonly query: string;
  /** From the widest to the narrowest. */
  readonly path: readonly string[];
  /** What its products are, in lower case. */
  readonly nouns: readonly string[];
  readonly options: readonly OptionSet[];
  /** Median, in dollars. */
  readonly price: number;
  readonly attributes: readonly Attribute[];
  readonly styles: readonly string[];
  readonly uses: readonly string[];
  /** With the places NOUN, BRAND and USE. */
  readonly sentences: readonly string[];
}

export interface Lexicon {
  readonly departments: ReadonlyMap<string, readonly Shelf[]>;
  readonly brands: readonly string[];
  /** Colors by number, the names of which are one word. */
  readonly numberedColors: OptionSet;
}

/** What each department is called at the head of a path. */
const DEPARTMENTS: readonly (readonly [name: string, head: string, list: string])[] = [
  ["beauty", "Beauty & Care", beauty],
  ["electronics", "Electronics", electronics],
  ["garden", "Home & Garden", garden],
  ["fashion", "Clothing & Shoes", fashion],
  ["grocery", "Food & Drink", grocery],
];

interface Group {
  readonly styles: readonly string[];
  readonly uses: readonly string[];
  readonly sentences: readonly string[];
}

let read: Lexicon | undefined;

export function lexicon(): Lexicon {
  read ??= readLexicon();
  return read;
}

function readLexicon(): Lexicon {
  const options = new Map(
    rows(optionList).map(([key = "", name = "", kind, values = ""]): [string, OptionSet] => {
      return [key, { key, name, isRun: kind === "run", values: values.split("; ") }];
    }),
  );
  const groups = readGroups();
  const attributes = rows(attributeList).map(
    ([name = "", role, where = "", phrase = "", reason = ""]) => {
      invariant(ROLES.includes(role as Role), `attribute "${name}": role "${role}"`);
      return { name, role: role as Role, phrase, reason, groups: where.split(" ") };
    },
  );
  const shelvesOf = (department: string, head: string, list: string) =>
    rows(list).map(([query = "", path = "", nouns = "", where = "", keys = "", price]): Shelf => {
      const names = where.split(" ");
      const own = [...names, "any"].map((name) => named(groups, name, query));
      return {
        ...{ department, query, nouns: nouns.split("; "), price: Number(price) },
        path: [head, ...path.split(" › ")],
        options: keys.split(" ").map((key) => named(options, key, query)),
        attributes: attributes.filter((one) =>
          one.groups.some((group) => group === department || group === names[0]),
        ),
        styles: own.flatMap(({ styles }) => styles),
        uses: own.flatMap(({ uses }) => uses),
        sentences: own.flatMap(({ sentences }) => sentences),
      };
    });
  return {
    departments: new Map(
      DEPARTMENTS.map(([name, head, list]) => [name, shelvesOf(name, head, list)]),
    ),
    brands: readBrands(),
    numberedColors: named(options, "color-coded", "fashion"),
  };
}

function readGroups(): Map<string, Group> {
  const sections = lines(groupList).join("\n").split(/^@ /m).slice(1);
  return new Map(
    sections.map((section) => {
      const [name = "", ...rest] = section.trimEnd().split("\n");
      const starting = (start: string) =>
        rest.filter((line) => line.startsWith(start)).map((line) => line.slice(start.length));
      const list = (start: string) => starting(start).flatMap((line) => line.split("; "));
      const group = { styles: list("styles: "), uses: list("uses: "), sentences: starting(". ") };
      return [name, group];
    }),
  );
}

function readBrands(): string[] {
  const [starts = "", ends = ""] = lines(brandList);
  return starts.split(" ").flatMap((start) => ends.split(" ").map((end) => start + end));
}

function lines(text: string): string[] {
  return text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
}

function rows(text: string): string[][] {
  return lines(text).map((line) => line.split(" | "));
}

function named<T>(all: ReadonlyMap<string, T>, name: string, where: string): T {
  const found = all.get(name);
  invariant(found !== undefined, `"${where}" names "${name}", which is in no list`);
  return found;
}
