/** A matting network in LiteRT: RGB bytes in, alpha out. */

import { Tensor, isWebGPUSupported, loadAndCompile, loadLiteRt } from "@litertjs/core";

import { roundHalfEven } from "../imaging/resize.js";
import { readDetails } from "./tflite.js";

const CHECKED_FRAMES = 3;
const ALLOWED_DIFFERENCE = 0.02; // of alpha, between WebGPU and wasm

let runtime = null;

/**
 * Loads LiteRT once: with threads where the page is isolated, else with one.
 *
 * @param {string} folder URL of the wasm files, ending in "/".
 * @returns {Promise<{threads: number}>}
 */
export function loadRuntime(folder) {
  runtime ??= start(folder).catch((error) => {
    runtime = null;
    throw error;
  });
  return runtime;
}

async function start(folder) {
  const threads = self.crossOriginIsolated && navigator.hardwareConcurrency > 1;
  try {
    return await startWith(folder, threads);
  } catch (error) {
    // threads need relaxed SIMD, too, which Safari lacked for long
    if (threads) return startWith(folder, false);
    throw error;
  }
}

async function startWith(folder, threads) {
  // in a worker, the wasm would be looked up beside the worker's script
  self.Module = { locateFile: (name) => folder + name };
  if (threads) self.Module.mainScriptUrlOrBlob = `${folder}litert_wasm_threaded_internal.js`;
  await loadLiteRt(folder, { threads });
  return { threads: threads ? Math.min(navigator.hardwareConcurrency, 4) : 1 };
}

export class Network {
  /**
   * @param {Uint8Array} bytes of a `.tflite` file.
   * @param {{webgpu?: boolean, widest?: number}} options; `widest` as in `isLong` of
   *     long_photo.js.
   * @returns {Promise<Network>}
   */
  static async load(bytes, { webgpu = true, widest } = {}) {
    const details = readDetails(bytes);
    const network = await Network.quickest(bytes, details, (await runtime).threads);
    network.widest = widest;
    const float = details.inputs[0].type === "float32"; // rounded networks differ on a GPU
    if (webgpu && float && isWebGPUSupported()) await network.tryWebGpu(bytes);
    return network;
  }

  /** One thread or several, whichever is quicker here: cores differ, and may be busy. */
  static async quickest(bytes, details, most) {
    let best = null;
    for (const threads of new Set([most, 1])) {
      const network = new Network(details, await compile(bytes, "wasm", threads), threads);
      network.milliseconds = await network.time();
      if (best && best.milliseconds <= network.milliseconds) {
        network.delete();
        continue;
      }
      best?.delete();
      best = network;
    }
    return best;
  }

  constructor(details, compiled, threads) {
    this.compiled = compiled;
    this.threads = threads;
    this.accelerator = "wasm";
    this.inputs = Object.fromEntries(details.inputs.map((detail) => [detail.name, detail]));
    this.output = details.outputs.find(({ name }) => name === "alpha");
    [, this.height, this.width] = this.inputs.image.shape;
    this.takesPrior = "prior_alpha" in this.inputs;
    this.queue = Promise.resolve();
  }

  /**
   * @param {Uint8Array} rgb [height, width, 3].
   * @param {Float32Array | null} prior the alpha of the frame before, for networks that take one.
   * @returns {Promise<Float32Array>} alpha, [height, width] in [0, 1].
   */
  async run(rgb, prior = null) {
    return this.dequantized(await this.raw(rgb, prior));
  }

  /** The output tensor's own numbers. Calls wait for those before them. */
  raw(rgb, prior = null) {
    const result = this.queue.then(() =>
      runCompiled(this.compiled, this.inputs, this.takesPrior, rgb, prior),
    );
    this.queue = result.catch(() => {});
    return result;
  }

  dequantized(values) {
    const { scale, zeroPoint } = this.output;
    const alpha = new Float32Array(values.length);
    for (let index = 0; index < values.length; index++) {
      const value = scale ? Math.fround((values[index] - zeroPoint) * Math.fround(scale)) : values[index];
      alpha[index] = value < 0 ? 0 : value > 1 ? 1 : value;
    }
    return alpha;
  }

  /** Milliseconds of a run: the least of a few, after one that warms up. */
  async time() {
    const rgb = new Uint8Array(3 * this.height * this.width);
    await this.raw(rgb);
    let least = Infinity;
    for (let turn = 0; turn < 3; turn++) {
      const started = performance.now();
      await this.raw(rgb);
      least = Math.min(least, performance.now() - started);
    }
    return least;
  }

  /** Moves to WebGPU if it is there and agrees with wasm on frames of noise and of steps. */
  async tryWebGpu(bytes) {
    let candidate = null;
    try {
      candidate = await compile(bytes, "webgpu", this.threads);
      if (!candidate.isFullyAccelerated) throw new Error("not all operators are there");
      for (let frame = 0; frame < CHECKED_FRAMES; frame++) {
        const rgb = checkFrame(frame, this.height, this.width);
        const [expected, received] = [
          await this.raw(rgb),
          await runCompiled(candidate, this.inputs, this.takesPrior, rgb, null),
        ];
        const difference = expected.reduce((most, value, i) => Math.max(most, Math.abs(value - received[i])), 0);
        if (!(difference <= ALLOWED_DIFFERENCE)) throw new Error(`alpha differs by ${difference.toFixed(3)}`);
      }
      this.compiled.delete();
      this.compiled = candidate;
      this.accelerator = "webgpu";
    } catch (error) {
      candidate?.delete();
      this.webgpuRefused = String(error.message ?? error);
    }
  }

  /** Frees it after the last call. */
  delete() {
    this.queue = this.queue.then(() => this.compiled.delete());
  }
}

function compile(bytes, accelerator, numThreads) {
  return loadAndCompile(bytes, { accelerator, cpuOptions: { numThreads } });
}

async function runCompiled(compiled, inputs, takesPrior, rgb, prior) {
  const tensors = { image: tensorOf(rgb, inputs.image) };
  if (takesPrior) {
    const detail = inputs.prior_alpha;
    tensors.prior_alpha = tensorOf(prior ?? new Float32Array(detail.shape.reduce((a, b) => a * b)), detail);
  }
  let outputs = {};
  try {
    outputs = await compiled.run(tensors);
    return (await outputs.alpha.data()).slice();
  } finally {
    for (const tensor of [...Object.values(tensors), ...Object.values(outputs)]) tensor.delete();
  }
}

/** q = round(x / scale + zero point), as `tfmatting.inference.runtimes.tflite.quantize`. */
function tensorOf(values, { type, shape, scale, zeroPoint }) {
  if (type === "float32") return new Tensor(Float32Array.from(values), shape);
  const bytes = values instanceof Uint8Array && scale === 1 && zeroPoint === 0;
  if (bytes && type === "uint8") return new Tensor(values, shape);
  const [kind, least, most] = type === "int8" ? [Int8Array, -128, 127] : [Uint8Array, 0, 255];
  const levels = kind.from(values, (value) => {
    const level = roundHalfEven(scale ? Math.fround(value / Math.fround(scale)) : value) + zeroPoint;
    return Math.min(Math.max(level, least), most);
  });
  return new Tensor(levels, shape);
}

/** Frame 0 is noise; the others are a bright ellipse on a dark slope, moved. */
function checkFrame(frame, height, width) {
  const rgb = new Uint8Array(3 * height * width);
  let state = 12345;
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += 3) {
      const across = (x - width * (0.3 + 0.2 * frame)) / (0.2 * width);
      const down = (y - 0.6 * height) / (0.4 * height);
      const inside = across * across + down * down < 1;
      for (let c = 0; c < 3; c++) {
        state = (Math.imul(state, 1103515245) + 12345) >>> 0;
        const noise = state >>> 24;
        rgb[at + c] = frame ? (inside ? 200 - 30 * c : (90 * y) / height) + noise / 16 : noise;
      }
    }
  }
  return rgb;
}
