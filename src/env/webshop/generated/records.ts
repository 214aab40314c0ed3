/** What the official files of a catalogue hold of one product. */

/** An entry of `items_shuffle.json`. */
export interface ItemRecord {
  readonly name: string;
  readonly full_description: string;
  /** One dollar amount or two, `$19.99 - $27.99`; empty where there is no price. */
  readonly pricing: string;
  readonly images: readonly string[];
  /** From the widest to the narrowest, joined by ` › `. */
  readonly product_category: string;
  readonly average_rating: string;
  /** Feature lines; a lone text for some. */
  readonly small_description: readonly string[] | string;
  /** Option name → its values, or null; an empty text where there are no options. */
  readonly customization_options: Readonly<Record<string, readonly OptionValue[] | null>> | "";
  readonly asin: string;
  readonly category: string;
  readonly query: string;
  readonly page: number;
}

export interface OptionValue {
  readonly value: string;
}

/** A value of `items_ins_v2.json`; the last two are there for targets of goals. */
export interface AttributeRecord {
  readonly attributes: readonly string[];
  readonly instruction?: string;
  readonly instruction_attributes?: readonly string[];
}

/** One of the instructions for a product in `items_human_ins.json`. */
export interface HumanRecord {
  readonly asin: string;
  readonly instruction: string;
  readonly attributes: readonly string[];
  /** `name: value` of all its options. */
  readonly options: readonly string[];
  readonly instruction_attributes: readonly string[];
  readonly instruction_options: readonly string[];
}

/** Everything about one product. */
export interface ProductRecords {
  readonly item: ItemRecord;
  readonly attributes: AttributeRecord;
  readonly human: readonly HumanRecord[];
}
