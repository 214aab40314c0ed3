import { expect, test } from "bun:test";
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatNumber,
  formatPercent,
} from "../../src/core/format.ts";

test.each([
  [0, "0 B"],
  [1023, "1023 B"],
  [1024, "1.00 KiB"],
  [55 * 1024 ** 2, "55.0 MiB"],
  [151_936 * 896 * 4, "519 MiB"],
  [80 * 1024 ** 3, "80.0 GiB"],
])("%d bytes read %s", (bytes, text) => expect(formatBytes(bytes)).toBe(text));

test.each([
  [0.418, "0.42 ms"],
  [830.4, "830 ms"],
  [999.6, "1.0 s"],
  [12_400, "12.4 s"],
  [59_940, "59.9 s"],
  [59_960, "1 min 00 s"],
  [200_000, "3 min 20 s"],
  [3_599_600, "1 h 00 min"],
  [3_900_000, "1 h 05 min"],
])("%d ms read %s", (elapsedMs, text) => expect(formatDuration(elapsedMs)).toBe(text));

test.each([
  [0, "0"],
  [0.41284, "0.4128"],
  [-2.5, "-2.5"],
  [1834, "1834"],
  [1.5e-7, "1.5e-7"],
  [2e-4, "2e-4"],
  [12_345_678, "1.235e7"],
  [Number.NaN, "NaN"],
])("the number %d reads %s", (value, text) => expect(formatNumber(value)).toBe(text));

test("counts have their thousands apart, shares one decimal", () => {
  expect(formatCount(18_231.4)).toBe("18,231");
  expect(formatPercent(0.375)).toBe("37.5%");
});
