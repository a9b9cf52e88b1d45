/**
 * Keeps the page for use without a network.
 *
 * What every visit needs is fetched when the worker is installed; wasm and models are kept as they
 * are used. A file is stored under its path and its contents' digest: an update fetches what
 * changed, and what is no longer wanted goes. FILES, `{path: digest}`, is put in by the build.
 */

/* global FILES */

const CACHE = "tfmatting";
const ON_USE = ["wasm/", "models/", "licences.txt"];

const scope = self.registration.scope;
const keyOf = (path) => `${scope}${path}?digest=${FILES[path]}`;
const needed = Object.keys(FILES).filter((path) => !ON_USE.some((start) => path.startsWith(start)));

self.addEventListener("install", (event) => event.waitUntil(Promise.all(needed.map(keep))));

self.addEventListener("activate", (event) => event.waitUntil(forgetOthers().then(() => self.clients.claim())));

self.addEventListener("fetch", (event) => {
  const path = pathOf(event.request.url);
  if (event.request.method === "GET" && path in FILES) event.respondWith(answer(path));
});

self.addEventListener("message", (event) => {
  const { update, used } = event.data;
  if (update) self.skipWaiting();
  // what was fetched before this worker was there
  if (used) event.waitUntil(Promise.all(used.map(pathOf).filter((path) => path in FILES).map(keep)));
});

function pathOf(url) {
  if (!url.startsWith(scope)) return null;
  const path = url.slice(scope.length).split(/[?#]/)[0];
  return path || "index.html";
}

async function answer(path) {
  const cache = await caches.open(CACHE);
  return (await cache.match(keyOf(path))) ?? keep(path);
}

/** Fetches a file unless it is there, and keeps it. */
async function keep(path) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(keyOf(path));
  if (kept) return kept;
  const response = await fetch(scope + path, { cache: "no-cache" });
  if (response.ok) await cache.put(keyOf(path), response.clone());
  return response;
}

async function forgetOthers() {
  const cache = await caches.open(CACHE);
  const wanted = new Set(Object.keys(FILES).map(keyOf));
  for (const { url } of await cache.keys()) if (!wanted.has(url)) await cache.delete(url);
}
