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

/** The text of facts.txt. @param directory where scenes.json.gz and splits.json are */
export function makeFacts(directory: string): string {
  const read = (name: string) => readFileSync(join(directory, name));
  const data = JSON.parse(gunzipSync(read("scenes.json.gz")).toString()) as Scenes;
  const { train } = JSON.parse(read("splits.json").toString()) as { train: string[] };
  const rooms = Object.keys(data.games_per_room).sort();
  const lines = [
    ...rooms.map((room) => questLine(room, train)),
    ...rooms.flatMap((room) => roomLines(room, data)),
    ...typeLines(data),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

function questLine(room: string, train: readonly string[]): string {
  const kinds = train.flatMap((id) => {
    const [type = "", , , , scene = ""] = (id.split("/")[0] ?? "").split("-");
    const kind = KIND_OF_TYPE[type];
    return kind !== undefined && roomOf(Number(scene)) === room ? [kind] : [];
  });
  return `quests ${room} ${histogram(kinds)}`;
}

function roomOf(scene: number): string {
  if (scene < 100) return "kitchen";
  return scene < 300 ? "livingroom" : scene < 400 ? "bedroom" : "bathroom";
}

function roomLines(room: string, data: Scenes): string[] {
  const scenes = Object.values(data.scenes).filter((scene) => scene.room === room);
  const all = scenes.flatMap(({ receptacles }) => receptacles);
  const places = scenes.map(({ receptacles }) => new Set(receptacles.map(([, , at]) => at)).size);
  const shared = all.length - places.reduce((a, b) => a + b, 0);
  const lines = [`shared ${room} locations:${shared} receptacles:${all.length}`];
  for (const part of ["receptacles", "fixed"] as const) {
    const word = part === "fixed" ? "fixed" : "receptacle";
    const typesOf = (scene: Scene) => scene[part].map(([, type]) => type);
    for (const type of [...new Set(scenes.flatMap(typesOf))].sort()) {
      const count = (scene: Scene) => typesOf(scene).filter((own) => own === type).length;
      lines.push(`${word} ${room} ${type} ${histogram(scenes.map(count))}`);
    }
  }
  for (const type of typesIn(all)) {
    const own = all.filter(([, other]) => other === type);
    const opening = own.filter(([, , , opens]) => opens).length;
    if (opening > 0)
      lines.push(`openable ${room} ${type} yes:${opening} no:${own.length - opening}`);
  }
  for (const [type, copies] of Object.entries(data.instances[room] ?? {}).sort()) {
    const some = Object.values(copies).reduce((a, b) => a + b, 0);
    const none = (data.games_per_room[room] ?? 0) - some;
    lines.push(`object ${room} ${type} ${counted({ 0: none, ...copies })}`);
  }
  return lines;
}

function typeLines(data: Scenes): string[] {
  const receptacles = Object.values(data.scenes).flatMap((scene) => scene.receptacles);
  const typeOf = new Map(receptacles.map(([id, type]) => [id, type]));
  const lines: string[] = [];
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
  const fixed = Object.values(data.scenes).flatMap((scene) => scene.fixed);
  for (const type of typesIn(fixed)) {
    const own = fixed.filter(([, other]) => other === type);
    // A sink in a sink is an object in an object, which no text shows.
    const places = own.map(([, , , [container = ""]]) => typeOf.get(container) ?? "-");
    if (places.some((place) => place !== "-")) lines.push(`place ${type} ${histogram(places)}`);
  }
  return lines;
}

function typesIn(things: readonly (readonly [string, string, ...unknown[]])[]): string[] {
  return [...new Set(things.map(([, type]) => type))].sort();
}

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

if (import.meta.main) {
  writeFileSync(join(import.meta.dir, "facts.txt"), makeFacts(process.argv[2] ?? "."));
}
