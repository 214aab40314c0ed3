/** The switches of the world, read from the texts of `--option`. */
import { UserError } from "../../core/errors.ts";

type Texts = Readonly<Record<string, string>>;

export class Options {
  readonly #texts: Texts;

  constructor(texts: Texts) {
    this.#texts = texts;
  }

  text(name: string): string | undefined {
    return this.#texts[name];
  }

  /** Between commas; absent where the option is not given. */
  list(name: string): readonly string[] | undefined {
    const given = this.#texts[name]?.split(",").map((one) => one.trim());
    if (given?.some((one) => one === "")) this.#fail(name, "names between commas");
    return given;
  }

  /** One of some words; the first when the option is not given. */
  choice<Word extends string>(name: string, words: readonly Word[]): Word {
    const given = this.#texts[name] ?? words[0];
    const word = words.find((one) => one === given);
    return word ?? this.#fail(name, `one of ${words.join(", ")}`);
  }

  yes(name: string, fallback: boolean): boolean {
    return this.choice(name, fallback ? ["yes", "no"] : ["no", "yes"]) === "yes";
  }

  whole(name: string, minimum: number): number | undefined;
  whole(name: string, minimum: number, fallback: number): number;
  whole(name: string, minimum: number, fallback?: number): number | undefined {
    const given = this.#texts[name];
    if (given === undefined) return fallback;
    const value = /^\d{1,9}$/.test(given) ? Number(given) : Number.NaN;
    return value >= minimum ? value : this.#fail(name, `a whole number from ${minimum} on`);
  }

  number(name: string, fallback: number, minimum = Number.NEGATIVE_INFINITY): number {
    const given = this.#texts[name];
    if (given === undefined) return fallback;
    const value = /^-?\d+(\.\d+)?(e-?\d+)?$/i.test(given.trim()) ? Number(given) : Number.NaN;
    if (value >= minimum) return value;
    return this.#fail(name, minimum === 0 ? "a number from 0 on" : "a number");
  }

  #fail(name: string, allowed: string): never {
    throw new UserError(
      `deepsearch: option ${name}: expected ${allowed}, found "${this.#texts[name]}"`,
    );
  }
}
