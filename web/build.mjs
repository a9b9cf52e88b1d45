/**
 * Builds the page into ../tfmatting/page: scripts, LiteRT's wasm, models, licences, service worker.
 */

import { createHash } from "node:crypto";
import { cp, mkdir, readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const here = fileURLToPath(new URL(".", import.meta.url));
const output = join(here, "../tfmatting/page");
const shipped = join(here, "../tfmatting/shipped");
const litert = join(here, "node_modules/@litertjs");

const TITLES = {
  portrait_lite: "Light",
  portrait_int8: "Balanced",
  portrait: "Full",
  portrait_video: "Steady",
};
const WIDEST = 1.2; // of photos that these models are shown as a whole, as in tfmatting's table
const WASM = ["litert_wasm_internal", "litert_wasm_compat_internal", "litert_wasm_threaded_internal"];
const LIMIT = 60 * 1024; // bytes of our own scripts, minified

await rm(output, { recursive: true, force: true });
await mkdir(join(output, "models"), { recursive: true });
await mkdir(join(output, "wasm"));
await cp(join(here, "public"), output, { recursive: true });

const common = {
  bundle: true,
  minify: true,
  target: ["chrome113", "firefox115", "safari16.4"],
  outdir: output,
  legalComments: "none",
  metafile: true,
  logLevel: "warning",
};
// the worker is a classic script: LiteRT calls importScripts, which modules lack
const worker = await build({ ...common, format: "iife", entryPoints: [join(here, "src/worker/worker.js")] });
const modules = await build({
  ...common,
  format: "esm",
  entryPoints: [
    { in: join(here, "src/tfmatting.js"), out: "tfmatting" },
    { in: join(here, "src/page/page.js"), out: "page" },
  ],
  external: ["./tfmatting.js"],
});

for (const name of WASM) {
  for (const suffix of [".js", ".wasm"]) {
    await cp(join(litert, "core/wasm", name + suffix), join(output, "wasm", name + suffix));
  }
}
const models = [];
for (const [name, title] of Object.entries(TITLES)) {
  const file = `models/${name}.tflite`;
  await cp(join(shipped, `${name}.tflite`), join(output, file));
  models.push({ name, title, file, widest: WIDEST, bytes: (await stat(join(output, file))).size });
}
await writeFile(join(output, "models.json"), JSON.stringify(models));
await writeFile(join(output, "licences.txt"), await licences());
await writeServiceWorker();

const own = ownBytes(worker.metafile) + ownBytes(modules.metafile);
console.log(`own scripts: ${(own / 1024).toFixed(1)} KB of ${LIMIT / 1024}`);
if (own > LIMIT) throw new Error(`The page's own scripts are above ${LIMIT / 1024} KB.`);

/** Bytes of the bundles that come from web/src. */
function ownBytes({ outputs }) {
  return Object.values(outputs)
    .flatMap(({ inputs }) => Object.entries(inputs))
    .filter(([path]) => !path.includes("node_modules"))
    .reduce((sum, [, { bytesInOutput }]) => sum + bytesInOutput, 0);
}

async function licences() {
  const { version } = JSON.parse(await readFile(join(litert, "core/package.json"), "utf8"));
  const apache = await readFile(join(here, "../LICENSE"), "utf8");
  const notice = `This page carries LiteRT.js ${version} (@litertjs/core, @litertjs/wasm-utils):
copyright Google LLC, Apache License 2.0, https://github.com/google-ai-edge/LiteRT
The page itself and its models: the tfmatting project, Apache License 2.0.
The example photo: Eileen Collins, NASA, public domain.
`;
  return `${notice}\n${apache}`;
}

/** The service worker knows every file by its contents, so that an update fetches what changed. */
async function writeServiceWorker() {
  const files = {};
  for (const entry of await readdir(output, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath ?? entry.path, entry.name);
    const digest = createHash("sha256").update(await readFile(path)).digest("hex").slice(0, 16);
    files[path.slice(output.length + 1)] = digest;
  }
  const script = await build({
    ...common,
    outdir: undefined,
    entryPoints: [join(here, "src/service_worker.js")],
    outfile: join(output, "service_worker.js"),
    define: { FILES: JSON.stringify(files) },
  });
  return script;
}
