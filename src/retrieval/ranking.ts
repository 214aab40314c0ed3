/**
 * BM25 as Lucene has it, without the factor k1 + 1:
 *
 *   idf(t)   = ln(1 + (N − df + ½) / (df + ½))
 *   K(d)     = k1 · (1 − b + b · length(d) / mean length)
 *   score(d) = Σ over the terms t of the query, repeats counted   idf(t) · tf / (tf + K(d))
 */

import { lengthCode, lengthOfCode } from "./lucene-length.ts";
import type { PostingReader } from "./postings.ts";

export interface Ranking {
  /** ≥ 0: how soon further occurrences of a term stop counting. */
  readonly k1: number;
  /** 0 … 1: how much long documents are held back. */
  readonly b: number;
  /**
   * - `exact`: true lengths, double precision.
   * - `lucene`: lengths in a byte and single precision where Lucene has them; scores equal its own.
   */
  readonly scores: "exact" | "lucene";
}

/** The collection, as the formula needs it. */
export interface Collection {
  readonly documentCount: number;
  readonly averageLength: number;
}

/** Adds the contributions of one term to the scores of its documents. */
export type Scorer = (
  reader: PostingReader,
  term: { readonly documents: number; readonly repeats: number },
  scores: Float64Array,
) => void;

/** A scorer for a collection; `lengths` (N) are the documents' numbers of terms. */
export function scorer(ranking: Ranking, collection: Collection, lengths: Uint32Array): Scorer {
  return ranking.scores === "lucene"
    ? luceneScorer(ranking, collection, lengths)
    : exactScorer(ranking, collection, lengths);
}

function inverseDocumentFrequency(documents: number, { documentCount }: Collection): number {
  return Math.log(1 + (documentCount - documents + 0.5) / (documents + 0.5));
}

function exactScorer(ranking: Ranking, collection: Collection, lengths: Uint32Array): Scorer {
  const { k1, b } = ranking;
  const fixed = k1 * (1 - b);
  const perTerm = (k1 * b) / collection.averageLength;
  return (reader, { documents, repeats }, scores) => {
    const weight = repeats * inverseDocumentFrequency(documents, collection);
    for (let count = reader.next(); count > 0; count = reader.next()) {
      for (let at = 0; at < count; at++) {
        const document = reader.documents[at]!;
        const frequency = reader.frequencies[at]!;
        const norm = fixed + perTerm * lengths[document]!;
        scores[document]! += (weight * frequency) / (frequency + norm);
      }
    }
  };
}

/** w − w / (1 + tf / K), every step in single precision and in Lucene's order; sums are double. */
function luceneScorer(ranking: Ranking, collection: Collection, lengths: Uint32Array): Scorer {
  const f32 = Math.fround;
  const k1 = f32(ranking.k1);
  const b = f32(ranking.b);
  const averageLength = f32(collection.averageLength);
  const inverses = Float32Array.from({ length: 256 }, (_, code) => {
    const share = f32(f32(b * f32(lengthOfCode(code))) / averageLength);
    return f32(1 / f32(k1 * f32(f32(1 - b) + share)));
  });
  const codes = Uint8Array.from(lengths, lengthCode);
  return (reader, { documents, repeats }, scores) => {
    const weight = f32(repeats * f32(inverseDocumentFrequency(documents, collection)));
    for (let count = reader.next(); count > 0; count = reader.next()) {
      for (let at = 0; at < count; at++) {
        const document = reader.documents[at]!;
        const scaled = f32(f32(reader.frequencies[at]!) * inverses[codes[document]!]!);
        scores[document]! += f32(weight - f32(weight / f32(1 + scaled)));
      }
    }
  };
}
