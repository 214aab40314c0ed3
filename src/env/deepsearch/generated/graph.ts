/** Things of the generated world and what is true of them. */
import type { Random } from "../../../core/random.ts";
import type { Names } from "./names.ts";
import { RELATIONS } from "./relations.ts";
import {
  ACADEMY,
  BOOKS,
  COMPANIES,
  type EntityType,
  PRODUCTS,
  PROFESSIONS,
  TOWNS,
  TYPES,
} from "./words.ts";

export interface Entity {
  /** Its place among all. */
  readonly number: number;
  readonly type: EntityType;
  readonly name: string;
  /** Relation → the other thing's name, or a year or a word. */
  readonly facts: Map<string, string>;
}

/** How many things of each kind a world of a thousand has. */
const SHARES: Readonly<Record<EntityType, number>> = {
  ...{ person: 460, town: 140, company: 140, book: 130, academy: 60, region: 30, river: 40 },
};

/** A share of the people is stated to have a spouse or an employer; everything else is true of all. */
const OPTIONAL: Readonly<Record<string, number>> = { spouse: 0.5, employer: 0.7, teacher: 0.8 };

/** People who share a surname, and a given name. */
const PER_SURNAME = 4;
const PER_GIVEN_NAME = 5;

const FIRST_YEAR = 1500;
const YEARS = 400;

/** So many things, related only among themselves. @param first number of the first */
export function drawEntities(random: Random, names: Names, count: number, first: number): Entity[] {
  const entities: Entity[] = [];
  const total = Object.values(SHARES).reduce((a, b) => a + b, 0);
  const taken = new Set<string>();
  const pools = new NamePools(random, names, count);
  for (const type of TYPES) {
    for (let left = Math.max(3, Math.round((count * SHARES[type]) / total)); left > 0; ) {
      const name = pools.nameOf(type);
      if (taken.has(name)) continue;
      taken.add(name);
      entities.push({ number: first + entities.length, type, name, facts: new Map() });
      left--;
    }
  }
  const ofType = new Map(TYPES.map((type) => [type, entities.filter((one) => one.type === type)]));
  const married = new Set<Entity>();
  for (const entity of entities) {
    for (const { name, of, to } of RELATIONS) {
      if (of !== entity.type || random.uniform() >= (OPTIONAL[name] ?? 1)) continue;
      if (to === "year") entity.facts.set(name, String(FIRST_YEAR + random.integer(YEARS)));
      else if (to === "word") {
        const words = name === "product" ? PRODUCTS : PROFESSIONS;
        entity.facts.set(name, random.sample(words, 1)[0]!);
      } else {
        const others = ofType.get(to)!.filter((other) => other !== entity);
        const object =
          name === "spouse"
            ? spouseOf(random, entity, others, married)
            : random.sample(others, 1)[0]!;
        if (object) entity.facts.set(name, object.name);
      }
    }
  }
  return entities;
}

/** Marriage goes both ways, so it is stated of one side only and nobody is in two. */
function spouseOf(
  random: Random,
  entity: Entity,
  others: readonly Entity[],
  married: Set<Entity>,
): Entity | undefined {
  if (married.has(entity)) return undefined;
  const free = others.filter((other) => !married.has(other));
  const [spouse] = random.sample(free, 1);
  if (spouse) married.add(entity).add(spouse);
  return spouse;
}

/** Names that things share in part, as real ones do. */
class NamePools {
  readonly #random: Random;
  readonly #names: Names;
  readonly #surnames: readonly string[];
  readonly #given: readonly string[];
  readonly #places: readonly string[];

  constructor(random: Random, names: Names, count: number) {
    this.#random = random;
    this.#names = names;
    this.#surnames = names.many(Math.ceil(count / 2 / PER_SURNAME));
    this.#given = names.many(Math.ceil(count / 2 / PER_GIVEN_NAME));
    this.#places = names.many(Math.ceil(count / 5));
  }

  nameOf(type: EntityType): string {
    const one = (from: readonly string[]) => this.#random.sample(from, 1)[0]!;
    switch (type) {
      case "person":
        return `${one(this.#given)} ${one(this.#surnames)}`;
      case "town": {
        const place = one(this.#places);
        return this.#random.uniform() < 0.3 ? `${one(TOWNS)} ${place}` : place;
      }
      case "company":
        return `${one(this.#surnames)} ${one(COMPANIES)}`;
      case "book":
        return `${one(BOOKS)} ${one(this.#places)}`;
      case "academy":
        return `${one(this.#surnames)} ${ACADEMY}`;
      default:
        return this.#names.next();
    }
  }
}
