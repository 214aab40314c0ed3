import type { Entity } from "./graph.ts";

/** All things, by what questions need of them. */
export class Things {
  readonly entities: readonly Entity[];
  readonly byName: ReadonlyMap<string, Entity>;
  /** relation and object → things. */
  readonly #subjects = new Map<string, Entity[]>();

  constructor(entities: readonly Entity[]) {
    this.entities = entities;
    this.byName = new Map(entities.map((entity) => [entity.name, entity]));
    for (const entity of entities) {
      for (const [relation, object] of entity.facts) {
        const key = `${relation} ${object}`;
        const known = this.#subjects.get(key);
        if (known) known.push(entity);
        else this.#subjects.set(key, [entity]);
      }
    }
  }

  /** Everything of which a relation to an object is true. */
  subjectsOf(relation: string, object: string): readonly Entity[] {
    return this.#subjects.get(`${relation} ${object}`) ?? [];
  }
}
