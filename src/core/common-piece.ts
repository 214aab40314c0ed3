/** A piece that two texts share: where it begins in each, and its length in UTF-16 units (0: nothing is shared). */
export interface CommonPiece {
  readonly inText: number;
  readonly inOther: number;
  readonly length: number;
}

/**
 * Finds the longest piece that a text shares with others, in time linear in the other's length: the suffix automaton of
 * the text (Blumer and others, 1985), which leads through every piece of it. Edges are linked lists, as there are fewer
 * than three per character and an alphabet's worth of columns would take a hundred times the memory.
 */
export class CommonPieceFinder {
  private readonly longest: Int32Array;
  private readonly suffixLink: Int32Array;
  /** Where the state's pieces end for the first time. */
  private readonly firstEnd: Int32Array;
  private readonly firstEdge: Int32Array;
  private readonly edgeLetter: Uint16Array;
  private readonly edgeTarget: Int32Array;
  private readonly nextEdge: Int32Array;
  private states = 1;
  private edges = 0;

  constructor(text: string) {
    const most = Math.max(2, 2 * text.length);
    this.longest = new Int32Array(most);
    this.suffixLink = new Int32Array(most).fill(NONE);
    this.firstEnd = new Int32Array(most);
    this.firstEdge = new Int32Array(most).fill(NONE);
    this.edgeLetter = new Uint16Array(2 * most);
    this.edgeTarget = new Int32Array(2 * most);
    this.nextEdge = new Int32Array(2 * most);
    let last = 0;
    for (let end = 0; end < text.length; end++) last = this.append(last, text.charCodeAt(end), end);
  }

  /** The longest common piece; of equally long ones the first in `other`, then the first in this text. */
  longestIn(other: string): CommonPiece {
    let [length, endInText, endInOther] = [0, 0, 0];
    let [state, matched] = [0, 0];
    for (let at = 0; at < other.length; at++) {
      const letter = other.charCodeAt(at);
      let edge = this.edgeOf(state, letter);
      while (edge === NONE && state !== 0) {
        state = this.suffixLink[state]!;
        matched = this.longest[state]!;
        edge = this.edgeOf(state, letter);
      }
      if (edge === NONE) continue;
      state = this.edgeTarget[edge]!;
      matched++;
      if (matched > length) [length, endInText, endInOther] = [matched, this.firstEnd[state]!, at];
    }
    if (length === 0) return { inText: 0, inOther: 0, length };
    return { inText: endInText + 1 - length, inOther: endInOther + 1 - length, length };
  }

  private append(last: number, letter: number, end: number): number {
    const added = this.newState(this.longest[last]! + 1, end);
    let state = last;
    while (state !== NONE && this.edgeOf(state, letter) === NONE) {
      this.addEdge(state, letter, added);
      state = this.suffixLink[state]!;
    }
    this.suffixLink[added] = state === NONE ? 0 : this.stateAfter(state, letter);
    return added;
  }

  /** Where `letter` leads from a state, split off where longer pieces lead there too. */
  private stateAfter(state: number, letter: number): number {
    const target = this.edgeTarget[this.edgeOf(state, letter)]!;
    const length = this.longest[state]! + 1;
    if (this.longest[target] === length) return target;
    const split = this.newState(length, this.firstEnd[target]!);
    for (let edge = this.firstEdge[target]!; edge !== NONE; edge = this.nextEdge[edge]!)
      this.addEdge(split, this.edgeLetter[edge]!, this.edgeTarget[edge]!);
    this.suffixLink[split] = this.suffixLink[target]!;
    this.suffixLink[target] = split;
    for (let from = state; from !== NONE; from = this.suffixLink[from]!) {
      const edge = this.edgeOf(from, letter);
      if (edge === NONE || this.edgeTarget[edge] !== target) break;
      this.edgeTarget[edge] = split;
    }
    return split;
  }

  private newState(longest: number, firstEnd: number): number {
    this.longest[this.states] = longest;
    this.firstEnd[this.states] = firstEnd;
    return this.states++;
  }

  private addEdge(state: number, letter: number, target: number): void {
    this.edgeLetter[this.edges] = letter;
    this.edgeTarget[this.edges] = target;
    this.nextEdge[this.edges] = this.firstEdge[state]!;
    this.firstEdge[state] = this.edges++;
  }

  private edgeOf(state: number, letter: number): number {
    let edge = this.firstEdge[state]!;
    while (edge !== NONE && this.edgeLetter[edge] !== letter) edge = this.nextEdge[edge]!;
    return edge;
  }
}

const NONE = -1;
