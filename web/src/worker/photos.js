/** Photos that are open in the worker: their small mattes, and results at any size. */

import { makeBackdrop } from "../imaging/backdrop.js";
import { foregroundRows } from "../imaging/foreground.js";
import { PngWriter } from "../imaging/png.js";
import { decode, pixelsOf, readAll } from "../imaging/source.js";
import { isLong, matteInParts } from "../inference/long_photo.js";
import { matteWhole } from "../inference/whole_photo.js";

const JPEG_QUALITY = 0.95;

export class Photo {
  /**
   * Decodes a photo and predicts its matte at the network's size.
   *
   * @param {Blob | ImageData} picture
   * @param network see inference/network.js.
   * @param {number} longest of the preview's sides.
   */
  static async open(picture, network, longest) {
    const started = performance.now();
    const source = await sourceOf(picture);
    const decoded = performance.now();
    try {
      const photo = new Photo(picture, source.width, source.height);
      photo.preview = previewOf(source, longest);
      await photo.predict(source, network);
      photo.milliseconds = { decode: decoded - started, matte: performance.now() - decoded };
      return photo;
    } finally {
      source.close();
    }
  }

  constructor(picture, width, height) {
    this.picture = picture;
    this.width = width;
    this.height = height;
  }

  async predict(source, network) {
    const matte = isLong(this, network.widest) ? matteInParts : matteWhole;
    this.alphaRows = await matte(source, network);
  }

  /** Repeats the prediction with another network. */
  async predictAgain(network) {
    const source = await sourceOf(this.picture);
    try {
      await this.predict(source, network);
    } finally {
      source.close();
    }
  }

  /** All pixels at full size. */
  async pixels() {
    const source = await sourceOf(this.picture);
    try {
      return { width: this.width, height: this.height, data: readAll(source) };
    } finally {
      source.close();
    }
  }

  /** The matte of given pixels of this photo, Float32Array [height, width]. */
  alpha({ data, width, height }) {
    const alpha = new Float32Array(width * height);
    const rows = this.alphaRows(height, width);
    for (let y = 0; y < height; y++) rows(y, data, 4 * y * width, alpha, y * width);
    return alpha;
  }
}

function sourceOf(picture) {
  return picture instanceof Blob ? decode(picture) : pixelsOf(picture);
}

function previewOf(source, longest) {
  const scale = Math.min(1, longest / Math.max(source.width, source.height));
  const width = Math.max(1, Math.round(source.width * scale));
  const height = Math.max(1, Math.round(source.height * scale));
  if (!source.bitmap) return { width: source.width, height: source.height, data: readAll(source) };
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.imageSmoothingQuality = "high";
  context.fillStyle = "#fff";
  context.fillRect(0, 0, width, height);
  context.drawImage(source.bitmap, 0, 0, width, height);
  return context.getImageData(0, 0, width, height);
}

/**
 * Gives the rows of a result.
 *
 * @param {{data, width, height}} pixels of the photo.
 * @param {Float32Array} alpha
 * @param background `{kind: "transparent"}`, `{kind: "matte"}`, or as in imaging/backdrop.js.
 * @yields {Uint8ClampedArray} rows of `channelsOf(background)` bytes a pixel, used again.
 */
export function* resultRows({ data, width, height }, alpha, background) {
  if (background.kind === "matte") {
    const line = new Uint8ClampedArray(width);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) line[x] = (alpha[y * width + x] * 255 + 0.5) | 0;
      yield line;
    }
    return;
  }
  const transparent = background.kind === "transparent";
  const behind = transparent ? null : makeBackdrop(background, data, alpha, height, width);
  const line = new Uint8ClampedArray(width * channelsOf(background));
  let y = 0;
  for (const rgb of foregroundRows(data, alpha, height, width)) {
    if (transparent) cutOutRow(rgb, alpha, y * width, line);
    else blendRow(rgb, alpha, y * width, behind(y), line);
    yield line;
    y++;
  }
}

export function channelsOf({ kind }) {
  return { transparent: 4, matte: 1 }[kind] ?? 3;
}

/** Where nothing is seen, nothing is kept: the file is smaller. */
function cutOutRow(rgb, alpha, start, line) {
  for (let x = 0, from = 0, to = 0; to < line.length; x++, from += 3, to += 4) {
    const opacity = (alpha[start + x] * 255 + 0.5) | 0;
    line[to] = opacity && rgb[from];
    line[to + 1] = opacity && rgb[from + 1];
    line[to + 2] = opacity && rgb[from + 2];
    line[to + 3] = opacity;
  }
}

function blendRow(rgb, alpha, start, behind, line) {
  for (let x = 0, at = 0, back = 0; at < line.length; x++, at += 3, back += 4) {
    const weight = alpha[start + x], rest = 1 - weight;
    for (let c = 0; c < 3; c++) line[at + c] = rgb[at + c] * weight + behind[back + c] * rest;
  }
}

/** A result as `ImageData`. */
export function resultPixels(pixels, alpha, background) {
  const result = new ImageData(pixels.width, pixels.height);
  const channels = channelsOf(background);
  let to = 0;
  for (const line of resultRows(pixels, alpha, background)) {
    if (channels === 4) {
      result.data.set(line, to);
      to += line.length;
      continue;
    }
    for (let from = 0; from < line.length; from += channels, to += 4) {
      result.data[to] = line[from];
      result.data[to + 1] = line[channels === 3 ? from + 1 : from];
      result.data[to + 2] = line[channels === 3 ? from + 2 : from];
      result.data[to + 3] = 255;
    }
  }
  return result;
}

/**
 * A result as a file: PNG where it is transparent or a matte, else JPEG.
 *
 * @param {(part: number) => void} report gets the part that is done.
 * @returns {Promise<Blob>}
 */
export async function resultFile(pixels, alpha, background, report) {
  const { width, height } = pixels;
  const channels = channelsOf(background);
  const canvas = channels === 3 ? canvasThatHolds(width, height) : null;
  const png = canvas ? null : new PngWriter(width, height, channels);
  let y = 0;
  for (const line of resultRows(pixels, alpha, background)) {
    if (png) await png.row(line);
    else canvas.row(line, y);
    y++;
    if (y % 128 === 0) {
      report(y / height);
      await new Promise((resolve) => setTimeout(resolve)); // lets messages in
    }
  }
  return png ? png.finish() : canvas.finish();
}

/** A canvas for JPEG; null where the photo is larger than the browser's canvases. */
function canvasThatHolds(width, height) {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { alpha: false, willReadFrequently: true });
  if (!context) return null;
  context.fillStyle = "#fff";
  context.fillRect(width - 1, height - 1, 1, 1);
  if (context.getImageData(width - 1, height - 1, 1, 1).data[0] !== 255) return null;
  const strip = new ImageData(width, 64);
  strip.data.fill(255);
  return {
    row(line, y) {
      const start = (y % 64) * width * 4;
      for (let from = 0, to = start; from < line.length; from += 3, to += 4) {
        strip.data[to] = line[from];
        strip.data[to + 1] = line[from + 1];
        strip.data[to + 2] = line[from + 2];
      }
      if (y % 64 === 63 || y === height - 1) context.putImageData(strip, 0, y - (y % 64));
    },
    finish: () => canvas.convertToBlob({ type: "image/jpeg", quality: JPEG_QUALITY }),
  };
}
