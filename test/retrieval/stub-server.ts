/** A server on this machine that answers as a test says, and remembers what it was asked. */

export interface Asked {
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
}

export class StubServer implements Disposable {
  readonly asked: Asked[] = [];
  readonly #server: Bun.Server<undefined>;

  constructor(answer: (asked: Asked, count: number) => Response | Promise<Response>) {
    this.#server = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      idleTimeout: 0,
      fetch: async (request) => {
        const body = (await request.json()) as Asked["body"];
        const asked = { path: new URL(request.url).pathname, body };
        this.asked.push(asked);
        return await answer(asked, this.asked.length);
      },
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.port}/retrieve`;
  }

  [Symbol.dispose](): void {
    void this.#server.stop(true);
  }
}

/** What a server of Search-R1's would find: for each query a document that names it, in the given form. */
export function found(
  { body }: Asked,
  item: (query: string, place: number) => unknown = (query, place) => ({
    document: { id: `${query}/${place}`, contents: `"T ${query}"\ntext ${place}` },
    score: 9 - place,
  }),
): Response {
  const queries = (body.queries ?? [body.query]) as string[];
  const k = body.topk as number;
  return Response.json({
    result: queries.map((query) => Array.from({ length: k }, (_, place) => item(query, place))),
  });
}
