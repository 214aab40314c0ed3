// Runs one task of package.json on a machine that has Node 20+ and npm: installs what is missing, then hands over to
// the Bun inside node_modules.   node src/build/bootstrap.mjs <task> [arguments of its last step]
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const modules = join(root, "node_modules");

const node = (...command) => ({ program: process.execPath, command });
const bun = (...command) => ({ program: findBun(), command });

const types = () => node("node_modules/typescript/bin/tsc", "--noEmit");
const lint = () => node("node_modules/@biomejs/biome/bin/biome", "check", ".");
const fix = () => node("node_modules/@biomejs/biome/bin/biome", "check", "--write", ".");
const build = () => bun("src/build/build.ts");
const pack = () => bun("src/build/pack.ts");
const unpackNatives = () => bun("src/build/natives.ts");
const bench = () => bun("bench/run.ts");
const train = () => ({ program: "dist/empg", command: ["train"] });
// A slow machine is no failure: property tests on a busy one take their time.
const test = () => bun("test", "--timeout", "300000");

/** The steps of each task, in order. */
const tasks = {
  start: [build, train],
  test: [types, lint, build, test],
  check: [types, lint, build, test],
  build: [build],
  pack: [build, pack],
  bench: [unpackNatives, bench],
  types: [types],
  lint: [lint],
  fix: [fix],
};

await main(process.argv[2] ?? "", process.argv.slice(3));

async function main(name, extra) {
  const steps = Object.hasOwn(tasks, name) ? tasks[name] : undefined;
  if (!steps) fail(`no task "${name}"; there are ${Object.keys(tasks).join(", ")}`);
  if (Number.parseInt(process.versions.node, 10) < 20) {
    fail(`Node ${process.versions.node} is too old`, "install Node 20 or newer");
  }
  if (!installed()) install();
  for (const [index, step] of steps.entries()) {
    const { program, command } = step();
    const code = await run(program, index === steps.length - 1 ? [...command, ...extra] : command);
    if (code !== 0) process.exit(code);
  }
}

/** Whether node_modules holds what the lock file asks for. npm leaves a record there of what it installed. */
function installed() {
  const record = join(modules, ".package-lock.json");
  if (!existsSync(record)) return false;
  const present = JSON.parse(readFileSync(record, "utf8")).packages;
  const wanted = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
  return Object.entries(wanted).every(([path, { version, optional }]) => {
    if (path === "") return true;
    // Optional packages are mostly those of other platforms; their dependents fail clearly without theirs.
    if (!(path in present)) return optional === true;
    return present[path].version === version && existsSync(join(root, path, "package.json"));
  });
}

/**
 * Installs what the lock file says, whatever the user's settings leave out. Not `npm ci`: it refuses a lock file
 * without the packages of every other platform, and a registry need not have those.
 */
function install() {
  process.stderr.write("installing dependencies\n");
  const options = [
    "install",
    "--no-save",
    "--include=dev",
    "--include=optional",
    "--prefer-offline",
  ];
  const npm = process.env.npm_execpath;
  // npm's answer belongs to the progress, not to the output of the task.
  const stdio = ["ignore", 2, 2];
  const { status, error } = npm?.endsWith(".js")
    ? spawnSync(process.execPath, [npm, ...options], { cwd: root, stdio })
    : spawnSync("npm", options, { cwd: root, stdio });
  if (error) fail(`cannot run npm: ${error.message}`, "install npm, it comes with Node");
  if (status !== 0)
    fail("npm install failed", "its reason stands above; it needs a registry in reach");
}

/**
 * Bun's install script puts the executable into the package `bun`. Where npm may not run install scripts, that file
 * is a stub, and the executable stays in the package of the platform.
 */
function findBun() {
  const platforms = join(modules, "@oven");
  const candidates = [
    join(modules, "bun", "bin", "bun.exe"),
    ...(existsSync(platforms) ? readdirSync(platforms) : []).map((name) =>
      join(platforms, name, "bin", "bun"),
    ),
  ];
  const found = candidates.find(
    (file) =>
      existsSync(file) &&
      statSync(file).size > 1_000_000 &&
      spawnSync(file, ["--version"]).status === 0,
  );
  if (!found)
    fail("node_modules holds no Bun for this machine", "remove node_modules and try again");
  return found;
}

/** Runs a program to its end and gives its exit code, as a shell would. */
function run(program, command) {
  const child = spawn(program, command, { cwd: root, stdio: "inherit" });
  // Ctrl-C reaches the child by itself, as it does every process of the terminal; a second one would mean "at once".
  process.on("SIGINT", () => {});
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  return new Promise((resolve) => {
    child.on("error", (error) => fail(`cannot run ${program}: ${error.message}`));
    child.on("exit", (code, signal) => resolve(code ?? (signal === "SIGINT" ? 130 : 143)));
  });
}

function fail(problem, hint) {
  process.stderr.write(`error: ${problem}\n${hint ? `hint: ${hint}\n` : ""}`);
  process.exit(2);
}
