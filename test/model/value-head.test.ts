import { beforeAll, describe, expect, test } from "bun:test";
import { randomFrom } from "../../src/core/random.ts";
import type { Gpu } from "../../src/gpu/device.ts";
import { readTensors, upload } from "../../src/model/arena.ts";
import { hostSource } from "../../src/model/tensor-source.ts";
import { allocateValueHead, valueBackward, valueForward } from "../../src/model/value-head.ts";
import { FORMS, testGpu } from "../support/device.ts";
import { TOLERANCE } from "../support/tolerances.ts";

describe.each(FORMS)("%s", (form) => {
  let gpu: Gpu;
  beforeAll(async () => {
    gpu = await testGpu(form);
  });

  test.each([
    [1, 1],
    [2, 12],
    [31, 64],
    [65, 33],
  ])("values and gradients of %d rows of width %d are those of w·x + b", async (rows, width) => {
    const random = randomFrom(rows * width);
    const numbers = (count: number) =>
      Float32Array.from({ length: count }, () => 2 * random.uniform() - 1);
    const [x, w, bias] = [numbers(rows * width), numbers(width), numbers(1)];
    const [slopes, flowing] = [numbers(rows), numbers(rows * width)];
    using scope = gpu.scope();
    const head = allocateValueHead(scope, width, rows);
    const source = new Map([
      ["value_head.weight", w],
      ["value_head.bias", bias],
    ]);
    await upload(gpu, head.weights, hostSource(source));
    const normed = scope.f32("normed", [rows, width]);
    const normedGrad = scope.f32("normed gradient", [rows, width]);
    const { value, valueGrad } = head;
    gpu.write(normed, x);
    gpu.write(normedGrad, flowing);
    gpu.write(valueGrad, slopes);
    const size = { rows, width };
    gpu.submit((pass) => {
      valueForward(pass, head, { normed, value }, size);
      valueBackward(pass, head, { normed, valueGrad, normedGrad }, size);
    });
    const [values, xGrad] = await gpu.readAll([value, normedGrad]);
    const grads = await readTensors(gpu, head.grads);

    const each = Array.from({ length: rows }, (_, t) => t);
    const column = Array.from({ length: width }, (_, i) => i);
    const at = (t: number, i: number) => x[t * width + i]!;
    const sum = (terms: readonly number[]) => terms.reduce((a, b) => a + b, 0);
    const wanted = each.map((t) => bias[0]! + sum(column.map((i) => w[i]! * at(t, i))));
    expect([...values!]).toBeClose(wanted, TOLERANCE.kernel);
    expect([...grads.get("value_head.weight")!]).toBeClose(
      column.map((i) => sum(each.map((t) => slopes[t]! * at(t, i)))),
      TOLERANCE.gradient,
    );
    expect([...grads.get("value_head.bias")!]).toBeClose([sum([...slopes])], TOLERANCE.gradient);
    // Added to what flows from the logits.
    expect([...xGrad!]).toBeClose(
      each.flatMap((t) => column.map((i) => flowing[t * width + i]! + slopes[t]! * w[i]!)),
      TOLERANCE.kernel,
    );
  });
});
