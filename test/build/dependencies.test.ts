import { expect, test } from "bun:test";
import manifest from "../../package.json" with { type: "json" };
import lock from "../../package-lock.json" with { type: "json" };
import { notices } from "../../src/build/notices.ts";

interface LockedPackage {
  readonly integrity?: string;
  readonly resolved?: string;
}

test("dependencies have exact versions", () => {
  const versions = Object.values({ ...manifest.dependencies, ...manifest.devDependencies });
  expect(versions.filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
});

test("the lock file pins the contents of every package and names no registry", () => {
  const packages = Object.entries(lock.packages as Record<string, LockedPackage>);
  const installed = packages.filter(([path]) => path !== "");
  expect(installed.length).toBeGreaterThan(20);
  expect(installed.filter(([, { integrity }]) => !integrity?.startsWith("sha512-"))).toEqual([]);
  expect(installed.filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
});

test("the lock file agrees with package.json", () => {
  const { dependencies, devDependencies } = lock.packages[""];
  expect({ dependencies, devDependencies }).toEqual({
    dependencies: manifest.dependencies,
    devDependencies: manifest.devDependencies,
  });
});

test("the notices name every package that the executable is made of", () => {
  const text = notices();
  const unnamed = Object.keys(manifest.dependencies).filter((name) => !text.includes(name));
  expect(unnamed).toEqual([]);
});
