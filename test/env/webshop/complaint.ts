import { expect } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { WebShop } from "../../../src/env/webshop/world.ts";
import { TemporaryDirectory } from "../../support/temporary.ts";
import { writeCatalogue } from "./little-shop.ts";

/** What opening a folder says after one of its files was replaced; "" when it opens. */
export function complaint(
  name: string,
  content: string | Uint8Array,
  option: Readonly<Record<string, string>> = {},
  path = "",
): string {
  using folder = new TemporaryDirectory();
  writeCatalogue(folder.path);
  writeFileSync(join(folder.path, name), content);
  try {
    new WebShop({ data: join(folder.path, path), option });
    return "";
  } catch (error) {
    expect(error).toMatchObject({ name: "UserError" });
    return (error as Error).message.replaceAll(folder.path, "DIR");
  }
}
