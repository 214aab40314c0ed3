/** The k best of many scores. */

export interface Hit {
  /** The number of a document: its place in the order of indexing, from 0. */
  readonly document: number;
  /** Positive. */
  readonly score: number;
}

/**
 * The documents with the highest positive scores, best first; of equals the one indexed first.
 * @param scores one per document; read, then set to zero
 */
export function takeBest(scores: Float64Array, k: number, round: (score: number) => number): Hit[] {
  const heap: Hit[] = [];
  let least = 0;
  for (let document = 0; document < scores.length; document++) {
    if (scores[document] === 0) continue;
    const score = round(scores[document]!);
    scores[document] = 0;
    // Documents come in order, so one that equals the least is behind it.
    if (score <= least) continue;
    if (heap.length < k) push(heap, { document, score });
    else replaceWorst(heap, { document, score });
    if (heap.length === k) least = heap[0]!.score;
  }
  return heap.sort((a, b) => b.score - a.score || a.document - b.document);
}

/** The heap has the worst hit at its root: the one with the lowest score, of equals the last. */
function isWorse(a: Hit, b: Hit): boolean {
  return a.score < b.score || (a.score === b.score && a.document > b.document);
}

function push(heap: Hit[], hit: Hit): void {
  let at = heap.length;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (!isWorse(hit, heap[parent]!)) break;
    heap[at] = heap[parent]!;
    at = parent;
  }
  heap[at] = hit;
}

function replaceWorst(heap: Hit[], hit: Hit): void {
  let at = 0;
  for (;;) {
    const left = 2 * at + 1;
    if (left >= heap.length) break;
    const right = left + 1;
    const child = right < heap.length && isWorse(heap[right]!, heap[left]!) ? right : left;
    if (!isWorse(heap[child]!, hit)) break;
    heap[at] = heap[child]!;
    at = child;
  }
  heap[at] = hit;
}
