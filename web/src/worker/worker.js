/**
 * The worker: the network, photos and the camera, away from the page's own thread.
 *
 * A classic worker, since LiteRT loads its script by importScripts. A message is
 * `{call, method, argument}`; the answer `{call, result}` or `{call, error}`. Messages without
 * `call` are events: `{event, ...}`.
 */

import { Network, loadRuntime } from "../inference/network.js";
import { Camera } from "./camera.js";
import { Photo, resultFile, resultPixels } from "./photos.js";

const base = new URL(".", self.location.href).href;
const photos = new Map();
let network = null, camera = null, nextPhoto = 1;

const methods = {
  /** Whether frames of a track can be read here; they cannot everywhere. */
  async abilities() {
    return { readsTracks: "MediaStreamTrackProcessor" in self };
  },

  /** Loads a model: the URL of a file, or its bytes. */
  async load({ model, webgpu, widest }) {
    const started = performance.now();
    const [bytes] = await Promise.all([
      typeof model === "string" ? download(model) : new Uint8Array(model),
      loadRuntime(`${base}wasm/`),
    ]);
    const loaded = await Network.load(bytes, { webgpu, widest });
    network?.delete();
    network = loaded;
    const { height, width, threads, accelerator, webgpuRefused, takesPrior } = network;
    const milliseconds = performance.now() - started;
    const files = performance.getEntriesByType("resource").map(({ name }) => name);
    return { height, width, threads, accelerator, webgpuRefused, takesPrior, milliseconds, files };
  },

  /** The network's own output for bytes of its own size; for tests of parity. */
  async predict({ rgb, prior = null }) {
    return network.raw(rgb, prior);
  },

  async open({ picture, longest }) {
    const photo = await Photo.open(picture, network, longest);
    const id = nextPhoto++;
    photos.set(id, photo);
    return { id, width: photo.width, height: photo.height, milliseconds: photo.milliseconds };
  },

  async repeat({ id }) {
    await photos.get(id).predictAgain(network);
  },

  async preview({ id, background }) {
    const photo = photos.get(id), { preview } = photo;
    const result = resultPixels(preview, photo.alpha(preview), background);
    return {
      result: await createImageBitmap(result),
      original: await createImageBitmap(new ImageData(preview.data, preview.width, preview.height)),
    };
  },

  async alpha({ id }) {
    const photo = photos.get(id);
    const pixels = await photo.pixels();
    return { width: pixels.width, height: pixels.height, data: photo.alpha(pixels) };
  },

  async file({ id, background }) {
    const photo = photos.get(id);
    const pixels = await photo.pixels();
    const alpha = photo.alpha(pixels);
    return resultFile(pixels, alpha, background, (part) => post({ event: "progress", id, part }));
  },

  /** A result's exact pixels at full size; for tests of parity and for embedding. */
  async pixels({ id, background }) {
    const photo = photos.get(id);
    const pixels = await photo.pixels();
    return resultPixels(pixels, photo.alpha(pixels), background);
  },

  async close({ id }) {
    photos.delete(id);
  },

  /** Starts on a camera: a stream of frames, a track, or (neither) frames sent by `frame`. */
  async startCamera({ canvas, settings, frames, track }) {
    camera?.stop();
    camera = new Camera(canvas, settings, () => network, (figures) => post({ event: "frame", ...figures }));
    const stream = frames ?? (track && new MediaStreamTrackProcessor({ track }).readable);
    if (stream) {
      camera.follow(stream).catch((error) => post({ event: "failure", message: String(error.message ?? error) }));
    }
  },

  async setCamera(settings) {
    if (camera) Object.assign(camera.settings, settings);
  },

  async frame({ bitmap }) {
    try {
      if (camera?.running) await camera.show(bitmap);
    } finally {
      bitmap.close();
    }
  },

  /** Writes what is shown to a generator's stream from now on. */
  async sink({ sink }) {
    camera.sink = sink.getWriter();
  },

  async snapshot() {
    return camera.canvas.convertToBlob({ type: "image/png" });
  },

  async stopCamera() {
    camera?.stop();
    camera = null;
  },
};

async function download(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`the model could not be loaded (${response.status})`);
  const parts = [];
  let received = 0;
  const reader = response.body.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    parts.push(part.value);
    received += part.value.length;
    post({ event: "download", received });
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

function post(message, transfer = []) {
  self.postMessage(message, transfer);
}

function transfers(result) {
  if (!result || typeof result !== "object") return [];
  const values = [result, ...Object.values(result)];
  return values.flatMap((value) => {
    if (value instanceof ImageBitmap) return [value];
    return ArrayBuffer.isView(value) && value.buffer instanceof ArrayBuffer ? [value.buffer] : [];
  });
}

self.onmessage = async ({ data: { call, method, argument } }) => {
  try {
    const result = await methods[method](argument ?? {});
    post({ call, result }, [...new Set(transfers(result))]);
  } catch (error) {
    post({ call, error: String(error.message ?? error) });
  }
};
