/** `empg chat`: talk to a model, and see where it is unsure. */

import { UserError } from "../../core/errors.ts";
import { printable } from "../../core/printable.ts";
import { defineCommand, type Io } from "../command.ts";
import { number, text } from "../flags.ts";
import { SAMPLING_FLAGS } from "../play-flags.ts";
import { required } from "../required.ts";
import { shaded, shadeLegend } from "../shade.ts";
import { withGpu } from "../with-gpu.ts";

export const command = defineCommand({
  name: "chat",
  summary: "talk to a model; on a terminal each token is shaded by its entropy",
  flags: {
    model: text("M", "a model directory, an adapter's, or builtin:NAME"),
    system: text("TEXT", "standing instructions", { fallback: "" }),
    ...SAMPLING_FLAGS,
    maxTokens: number("N", "a longer answer is cut off", {
      type: "integer",
      minimum: 1,
      fallback: 512,
    }),
  },
  async run({ model, system, maxTokens, device, json, seed = 0, ...sampling }, io) {
    const path = required("chat: --model M", model);
    const { openPolicy } = await import("../../train/policy.ts");
    const { Generator } = await import("../../model/generate.ts");
    const { chatSize } = await import("../../train/policy.ts");
    const { ChatSession } = await import("../../rollout/chat.ts");
    await withGpu(device, io, async (gpu, scope) => {
      const policy = await openPolicy(gpu, scope, path);
      const { maxPositions } = policy.files.config;
      const generator = new Generator(
        gpu,
        scope,
        policy.model,
        chatSize(policy.files.config, gpu.capacity),
      );
      const options = { system, seed, sampling, maxTokens, maxPositions };
      const begin = () => {
        generator.pool.clear();
        return new ChatSession(generator, policy, options);
      };
      if (io.isTerminal) io.note(shadeLegend());
      let session = begin();
      for (let said = await io.ask("> "); said !== null; said = await io.ask("> ")) {
        if (said.trim() === "") continue;
        try {
          await converse(session.answer(said), io, json);
        } catch (error) {
          // A full conversation ends; the next thing said begins another.
          if (!(error instanceof UserError)) throw error;
          if (json) io.out(JSON.stringify({ error: error.message }));
          else io.note(`error: ${error.message}`);
          session = begin();
        }
      }
    });
  },
});

type Answer = AsyncIterable<{ token: number; text: string; logProb: number; entropy: number }>;

async function converse(answer: Answer, io: Io, json: boolean): Promise<void> {
  const spoken: { token: number; text: string; logProb: number; entropy: number }[] = [];
  for await (const token of answer) {
    spoken.push(token);
    if (!json) {
      io.write(io.isTerminal ? shaded(printable(token.text), token.entropy) : token.text);
    }
  }
  if (json) {
    io.out(
      JSON.stringify({
        text: spoken.map(({ text }) => text).join(""),
        tokens: spoken.map(({ token }) => token),
        logprobs: spoken.map(({ logProb }) => logProb),
        entropies: spoken.map(({ entropy }) => entropy),
      }),
    );
    return;
  }
  io.out("");
}
