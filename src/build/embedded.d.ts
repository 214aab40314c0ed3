/**
 * Files that `bun build --compile` puts inside the executable. `with { type: "text" }` gives their contents,
 * `with { type: "file" }` a path to read them from; the ending decides which of the two a module may ask for.
 */

declare module "*.wgsl" {
  const text: string;
  export = text;
}

declare module "*.md" {
  const text: string;
  export = text;
}

declare module "*.bin" {
  const path: string;
  export = path;
}

declare module "*.safetensors" {
  const path: string;
  export = path;
}

declare module "*.so" {
  const path: string;
  export = path;
}

declare module "*.so.1" {
  const path: string;
  export = path;
}

declare module "*.toml" {
  const text: string;
  export = text;
}

declare module "*.css" {
  const text: string;
  export = text;
}

declare module "uplot/dist/uPlot.iife.min.js" {
  const text: string;
  export = text;
}

/** The scripts of the report's page. */
declare module "./page/*" {
  const text: string;
  export = text;
}
