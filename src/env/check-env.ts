/** The assertions every world passes; each throws with the sentence that does not hold. */
import type { Episode, Outcome, World } from "./env.ts";

/** Texts no agent should send, and any agent may. */
const HOSTILE = ["", " ", "\n", "\0", "🙂", "get", "'; DROP TABLE", "a".repeat(10_000), "\ud800"];

/** More turns than any expert needs. */
const MANY_TURNS = 500;

/**
 * Plays a task of the world and checks the contract of env.ts: same seed, same episode; invalid actions
 * stay in the world; any text is legal; the budget truncates; nothing after the end; the expert solves.
 */
export async function checkEnv(world: World, task: string, seed = 1): Promise<void> {
  const listed = Object.values(world.splits).some((tasks) => tasks.includes(task));
  check(listed, world, `"${task}" is in one of the splits`);
  await sameSeedSameEpisode(world, task, seed);
  await hostileTextStaysInTheWorld(world, task, seed);
  await budgetTruncates(world, task, seed);
  await expertSolves(world, task, seed);
}

function check(condition: boolean, world: World, fact: string): void {
  if (!condition) throw new Error(`${world.name}: expected that ${fact}`);
}

async function sameSeedSameEpisode(world: World, task: string, seed: number): Promise<void> {
  const first = await world.start(task, seed);
  const second = await world.start(task, seed);
  const expert = world.expert(first);
  for (let turn = 0; turn < MANY_TURNS; turn++) {
    check(view(first) === view(second), world, "one seed gives one episode");
    const action = expert.next();
    const outcome = await first.step(action);
    const again = await second.step(action);
    const same = JSON.stringify(outcome) === JSON.stringify(again);
    check(same, world, "one seed gives the same outcomes");
    if (outcome.end !== null) break;
  }
  await first.close();
  await second.close();
}

function view(episode: Episode): string {
  return JSON.stringify([episode.opening, episode.admissible(), episode.stateKey()]);
}

async function hostileTextStaysInTheWorld(world: World, task: string, seed: number): Promise<void> {
  const episode = await world.start(task, seed);
  const before = view(episode);
  for (const response of HOSTILE) {
    for (const action of [response, world.format.parse(response)]) {
      const outcome = await episode.step(action);
      check(typeof outcome.observation === "string", world, "every action is answered");
      check(!outcome.valid && outcome.end === null, world, "nonsense is refused, not punished");
      check(outcome.reward === 0 && !outcome.success, world, "nonsense earns nothing");
      check(view(episode) === before, world, "nonsense changes nothing");
      world.format.reply(action, outcome);
    }
  }
  await episode.close();
}

async function budgetTruncates(world: World, task: string, seed: number): Promise<void> {
  const episode = await world.start(task, seed, 2);
  const ends = [(await episode.step("")).end, (await episode.step("")).end];
  check(ends[0] === null && ends[1] === "truncated", world, "two turns of two end the episode");
  await nothingAfterTheEnd(world, episode);
}

async function nothingAfterTheEnd(world: World, episode: Episode): Promise<void> {
  let refused = false;
  try {
    await episode.step("");
  } catch {
    refused = true;
  }
  check(refused, world, "an ended episode takes no action");
  await episode.close();
}

async function expertSolves(world: World, task: string, seed: number): Promise<void> {
  const episode = await world.start(task, seed);
  const expert = world.expert(episode);
  let outcome: Outcome | undefined;
  for (let turn = 0; turn < MANY_TURNS && (outcome?.end ?? null) === null; turn++) {
    const action = expert.next();
    const sent = world.format.parse(world.format.respond(action));
    check(sent === action, world, `the format returns "${action}", not "${sent}"`);
    outcome = await episode.step(action);
    check(outcome.valid, world, `the expert's "${action}" is valid`);
  }
  check(outcome?.end === "terminated" && outcome.success, world, "the expert solves the task");
  await nothingAfterTheEnd(world, episode);
}
