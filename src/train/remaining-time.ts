/** How long a run still takes, from how long its parts took so far. */
export class RemainingTime {
  #iterations = 0;
  #iterationMs = 0;
  #episodes = 0;
  #episodeMs = 0;

  iterated(ms: number): void {
    // The first one also compiles what every later one finds compiled.
    if (this.#iterations === 1) this.#iterationMs = 0;
    this.#iterations++;
    this.#iterationMs += ms;
  }

  evaluated(episodes: number, ms: number): void {
    this.#episodes += episodes;
    this.#episodeMs += ms;
  }

  /** Milliseconds for so many more iterations and evaluation episodes. */
  estimate(iterations: number, episodes: number): number {
    const counted = Math.max(this.#iterations - 1, 1);
    const perEpisode = this.#episodeMs / Math.max(this.#episodes, 1);
    return (iterations * this.#iterationMs) / counted + episodes * perEpisode;
  }
}
