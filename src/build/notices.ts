import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./natives.ts";

interface Component {
  readonly name: string;
  readonly source: string;
  readonly copyright: string;
  readonly license: string;
}

/** A licence text as an installed package carries it. */
function textOf(path: string): string {
  return readFileSync(join(root, "node_modules", path), "utf8").trim();
}

function mit(copyright: string): string {
  return readFileSync(join(root, "LICENSE"), "utf8")
    .replace(/^Copyright .*$/m, copyright)
    .trim();
}

function components(): Component[] {
  return [
    {
      name: "Dawn and Tint (dawn.node, from the npm package webgpu)",
      source: "https://dawn.googlesource.com/dawn",
      copyright: "Copyright 2017-2025 The Dawn & Tint Authors",
      license: textOf("webgpu/LICENSE.md"),
    },
    {
      name: "SwiftShader (libvk_swiftshader.so)",
      source: "https://swiftshader.googlesource.com/SwiftShader",
      copyright: "Copyright The SwiftShader Authors",
      license: "Apache License 2.0, at the end of this file",
    },
    {
      name: "Vulkan loader (libvulkan.so.1)",
      source: "https://github.com/KhronosGroup/Vulkan-Loader",
      copyright: "Copyright The Khronos Group Inc., Valve Corporation and LunarG, Inc.",
      license: "Apache License 2.0, at the end of this file",
    },
    {
      name: "@sparticuz/chromium (the package the two libraries above come from)",
      source: "https://github.com/Sparticuz/chromium",
      copyright: "Copyright (c) 2018 Alix Axel, (c) 2022 Kyle McNally",
      license: textOf("@sparticuz/chromium/LICENSE"),
    },
    {
      name: "Bun",
      source: "https://github.com/oven-sh/bun",
      copyright: "Copyright (c) Oven and contributors",
      license: `${mit("Copyright (c) Oven and contributors")}

Bun links JavaScriptCore (LGPL-2.1; source at https://github.com/oven-sh/webkit) and the libraries
that https://bun.com/docs/project/license lists.`,
    },
    {
      name: "zod",
      source: "https://github.com/colinhacks/zod",
      copyright: "Copyright (c) 2025 Colin McDonnell",
      license: textOf("zod/LICENSE"),
    },
    {
      name: "jsonc-parser",
      source: "https://github.com/microsoft/node-jsonc-parser",
      copyright: "Copyright (c) Microsoft",
      license: textOf("jsonc-parser/LICENSE.md"),
    },
    {
      name: "stemmer",
      source: "https://github.com/words/stemmer",
      copyright: "Copyright (c) 2014 Titus Wormer",
      license: textOf("stemmer/license"),
    },
    {
      name: "uplot (uPlot, in the pages that empg report writes)",
      source: "https://github.com/leeoniya/uPlot",
      copyright: "Copyright (c) 2022 Leon Sorokin",
      license: textOf("uplot/LICENSE"),
    },
    {
      name: "@huggingface/jinja",
      source: "https://github.com/huggingface/huggingface.js",
      copyright: "Copyright (c) 2023 Hugging Face",
      license: textOf("@huggingface/jinja/LICENSE"),
    },
    {
      name: "@huggingface/tokenizers",
      source: "https://github.com/huggingface/tokenizers.js",
      copyright: "Copyright Hugging Face",
      license: "Apache License 2.0, at the end of this file",
    },
  ];
}

/** Whose work the executable contains, and on what terms. */
export function notices(): string {
  const rule = "=".repeat(80);
  const parts = components().map(
    ({ name, source, copyright, license }) => `${name}\n${source}\n${copyright}\n\n${license}\n`,
  );
  return [
    "empg (MIT, see LICENSE) contains the following software.\n",
    ...parts,
    textOf("@biomejs/biome/LICENSE-APACHE"),
  ].join(`\n${rule}\n\n`);
}
