/**
 * Writes facts.txt, the statistics that generated households follow, from the scene data of the release:
 *
 *     bun src/env/alfworld/make-facts.ts DIR
 *
 * DIR holds scenes.json.gz and splits.json. One fact a line; facts.ts reads them.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { KIND_OF_TYPE } from "./quest.ts";

interface Scene {
  readonly room: string;
  readonly receptacles: readonly (readonly [string, string, string, boolean])[];
  readonly fixed: readonly (readonly [string, string, string | null, readonly string[]])[];
}

interface Scenes {
  readonly scenes: Readonly<Record<string, Scene>>;
  readonly types: Readonly<Record<string, Readonly<Record<string, boolean>>>>;
  readonly canContain: Readonly<Record<string, readonly string[]>>;
  readonly placement: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly instances: Readonly<Record<string, Readonly<Record<string, Record<string, number>>>>>;
  readonly games_per_room: Readonly<Record<string, number>>;
}

const [directory = "."] = process.argv.slice(2);
const read = (name: string) => readFileSync(join(directory, name));
const data = JSON.parse(gunzipSync(read("scenes.json.gz")).toString()) as Scenes;
const { train } = JSON.parse(read("splits.json").toString()) as { train: string[] };
const scenes = Object.values(data.scenes);
const rooms = Object.keys(data.games_per_room).sort();
const lines: string[] = [];

/** "0:3 2:5": how often each value occurs. */
function histogram(values: readonly (string | number)[]): string {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(`${value}`, (counts.get(`${value}`) ?? 0) + 1);
  const sorted = [...counts].sort(([a], [b]) => a.localeCompare(b, "en", { numeric: true }));
  return sorted.map(([value, count]) => `${value}:${count}`).join(" ");
}

function counted(counts: Readonly<Record<string, number>>): string {
  const sorted = Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1));
  return sorted.map(([value, count]) => `${value}:${count}`).join(" ");
}

const roomOf = (scene: number) =>
  scene < 100 ? "kitchen" : scene < 300 ? "livingroom" : scene < 400 ? "bedroom" : "bathroom";
for (const room of rooms) {
  const kinds = train.flatMap((id) => {
    const [type = "", , , , scene = ""] = (id.split("/")[0] ?? "").split("-");
    const kind = KIND_OF_TYPE[type];
    return kind !== undefined && roomOf(Number(scene)) === room ? [kind] : [];
  });
  lines.push(`quests ${room} ${histogram(kinds)}`);
}
for (const room of rooms) {
  const own = scenes.filter((scene) => scene.room === room);
  const all = own.flatMap(({ receptacles }) => receptacles);
  const shared = own.map(({ receptacles }) => {
    return receptacles.length - new Set(receptacles.map(([, , location]) => location)).size;
  });
  const sum = shared.reduce((a, b) => a + b, 0);
  lines.push(`shared ${room} locations:${sum} receptacles:${all.length}`);
  for (const type of [...new Set(all.map(([, type]) => type))].sort()) {
    const count = (scene: Scene) => scene.receptacles.filter(([, t]) => t === type).length;
    lines.push(`receptacle ${room} ${type} ${histogram(own.map(count))}`);
  }
  const fixed = own.flatMap((scene) => scene.fixed);
  for (const type of [...new Set(fixed.map(([, type]) => type))].sort()) {
    const count = (scene: Scene) => scene.fixed.filter(([, t]) => t === type).length;
    lines.push(`fixed ${room} ${type} ${histogram(own.map(count))}`);
  }
  for (const [type, copies] of Object.entries(data.instances[room] ?? {}).sort()) {
    const some = Object.values(copies).reduce((a, b) => a + b, 0);
    const none = (data.games_per_room[room] ?? 0) - some;
    lines.push(`object ${room} ${type} ${counted({ 0: none, ...copies })}`);
  }
}
const everyReceptacle = scenes.flatMap(({ receptacles }) => receptacles);
for (const type of [...new Set(everyReceptacle.map(([, type]) => type))].sort()) {
  const own = everyReceptacle.filter(([, t]) => t === type);
  const openable = own.filter(([, , , opens]) => opens).length;
  if (openable > 0) lines.push(`openable ${type} yes:${openable} no:${own.length - openable}`);
}
for (const [type, traits] of Object.entries(data.types).sort()) {
  const names = Object.keys(traits).filter((name) => traits[name]);
  if (names.length > 0) lines.push(`traits ${type} ${names.join(" ").toLowerCase()}`);
}
for (const [type, objects] of Object.entries(data.canContain).sort()) {
  lines.push(`contains ${type} ${objects.join(" ")}`);
}
for (const [type, places] of Object.entries(data.placement).sort()) {
  lines.push(`place ${type} ${counted(places)}`);
}
const everyFixed = scenes.flatMap((scene) => scene.fixed);
for (const type of [...new Set(everyFixed.map(([, type]) => type))].sort()) {
  const own = everyFixed.filter(([, t]) => t === type);
  // A sink in a sink is an object in an object, which no text shows.
  const types = own.map(([, , , [id = ""]]) => typeOf(id)).filter((type) => type !== "");
  if (types.length > 0) {
    lines.push(`place ${type} ${histogram([...types, ...own.slice(types.length).map(() => "-")])}`);
  }
}

/** The type of a receptacle's id; "" for the floor and for objects. */
function typeOf(id: string): string {
  return everyReceptacle.find(([own]) => own === id)?.[1] ?? "";
}

writeFileSync(join(import.meta.dir, "facts.txt"), `${lines.join("\n")}\n`);
