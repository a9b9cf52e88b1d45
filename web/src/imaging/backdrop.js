/** What goes behind the person, a row at a time. */

import { linearTable } from "./resize.js";

const BLUR_STRENGTH = 0.02; // sigma as part of the longer side
const SMALL = 480;

/**
 * @param background `{kind: "colour", colour: "#rrggbb"}`, `{kind: "picture", bitmap}` or
 *     `{kind: "blur"}`.
 * @param rgba, alpha the photo's pixels and matte; read by "blur" alone.
 * @returns {(y: number) => Uint8ClampedArray} a row's RGBA; the array may be used again.
 */
export function makeBackdrop(background, rgba, alpha, height, width) {
  if (background.kind === "colour") return colourRows(background.colour, width);
  if (background.kind === "picture") return pictureRows(background.bitmap, height, width);
  return enlargedRows(blurredSmall(rgba, alpha, height, width), height, width);
}

function colourRows(colour, width) {
  const bytes = [1, 3, 5].map((start) => parseInt(colour.slice(start, start + 2), 16));
  const line = new Uint8ClampedArray(4 * width);
  for (let x = 0; x < width; x++) line.set([...bytes, 255], 4 * x);
  return () => line;
}

/** The picture's part that covers a frame: its middle, with the frame's aspect. */
export function coveringPart(picture, height, width) {
  const scale = Math.max(height / picture.height, width / picture.width);
  const w = width / scale, h = height / scale;
  return { x: (picture.width - w) / 2, y: (picture.height - h) / 2, width: w, height: h };
}

function pictureRows(bitmap, height, width, strip = 256) {
  const part = coveringPart(bitmap, height, width);
  const canvas = new OffscreenCanvas(width, strip);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.imageSmoothingQuality = "high";
  let pixels = null, start = -1;
  return (y) => {
    if (start < 0 || y >= start + strip) {
      start = y;
      const scale = part.height / height;
      context.fillStyle = "#fff";
      context.fillRect(0, 0, width, strip);
      context.drawImage(
        bitmap, part.x, part.y, part.width, part.height, 0, -start, width, part.height / scale,
      );
      pixels = context.getImageData(0, 0, width, strip).data;
    }
    return pixels.subarray((y - start) * width * 4, (y - start + 1) * width * 4);
  };
}

/**
 * The background blurred without the subject's colours, small: normalised convolution, its place
 * filled from around it by wider and wider passes, as `tfmatting.imaging.compositing`.
 */
function blurredSmall(rgba, alpha, fullHeight, fullWidth) {
  const step = Math.max(1, Math.ceil(Math.max(fullHeight, fullWidth) / SMALL));
  const height = Math.ceil(fullHeight / step), width = Math.ceil(fullWidth / step);
  const colour = new Float32Array(3 * height * width), weight = new Float32Array(height * width);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at++) {
      const sum = [0, 0, 0];
      let most = 0, count = 0;
      for (let v = y * step; v < Math.min(fullHeight, (y + 1) * step); v++) {
        for (let u = x * step; u < Math.min(fullWidth, (x + 1) * step); u++, count++) {
          const from = v * fullWidth + u;
          most = Math.max(most, alpha[from]);
          for (let c = 0; c < 3; c++) sum[c] += rgba[4 * from + c];
        }
      }
      weight[at] = most;
      for (let c = 0; c < 3; c++) colour[3 * at + c] = sum[c] / count;
    }
  }
  const sigma = (BLUR_STRENGTH * Math.max(fullHeight, fullWidth)) / step;
  return { height, width, rgb: blurBackground(colour, weight, height, width, sigma) };
}

/**
 * Blurs what is behind the subject; what carries some of the subject's colour counts for nothing.
 *
 * @param {Float32Array} colour [height, width, 3]; alpha [height, width].
 * @returns {Uint8ClampedArray} RGB.
 */
export function blurBackground(colour, alpha, height, width, sigma) {
  const size = height * width;
  const weight = new Float32Array(size);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at++) {
      let most = alpha[at];
      if (y > 0) most = Math.max(most, alpha[at - width]);
      if (y < height - 1) most = Math.max(most, alpha[at + width]);
      if (x > 0) most = Math.max(most, alpha[at - 1]);
      if (x < width - 1) most = Math.max(most, alpha[at + 1]);
      weight[at] = Math.max(0, 1 - 20 * most);
    }
  }
  const planes = [0, 1, 2, 3].map((c) => {
    const plane = new Float32Array(size);
    for (let at = 0; at < size; at++) plane[at] = c < 3 ? colour[3 * at + c] * weight[at] : weight[at];
    return plane;
  });
  const sums = planes.map(() => new Float32Array(size));
  for (const [factor, share] of [[1, 1], [4, 1e-3], [16, 1e-6]]) {
    planes.forEach((plane, index) => {
      const blurred = nearGaussian(plane, height, width, sigma * factor);
      for (let at = 0; at < size; at++) sums[index][at] += share * blurred[at];
    });
  }
  const rgb = new Uint8ClampedArray(3 * size);
  for (let at = 0; at < size; at++) {
    const total = sums[3][at];
    for (let c = 0; c < 3; c++) rgb[3 * at + c] = total > 1e-12 ? sums[c][at] / total : colour[3 * at + c];
  }
  return rgb;
}

/** Three passes of a box, close to a Gaussian. */
function nearGaussian(plane, height, width, sigma) {
  const radius = Math.max(1, Math.round((Math.sqrt(4 * sigma * sigma + 1) - 1) / 2));
  let result = plane;
  for (let pass = 0; pass < 3; pass++) {
    result = boxPass(result, height, width, radius, 1, width);
    result = boxPass(result, width, height, radius, width, 1);
  }
  return result;
}

/** Running means along one axis; `along` and `across` are the steps in memory. */
function boxPass(plane, lines, length, radius, along, across) {
  const result = new Float32Array(plane.length);
  const share = 1 / (2 * radius + 1);
  for (let line = 0; line < lines; line++) {
    const start = line * across;
    const read = (place) => plane[start + Math.min(Math.max(place, 0), length - 1) * along];
    let sum = 0;
    for (let place = -radius; place <= radius; place++) sum += read(place);
    for (let place = 0; place < length; place++) {
      result[start + place * along] = sum * share;
      sum += read(place + radius + 1) - read(place - radius);
    }
  }
  return result;
}

function enlargedRows(small, height, width) {
  const down = linearTable(small.height, height), across = linearTable(small.width, width);
  const line = new Uint8ClampedArray(4 * width);
  return (y) => {
    const upper = down.first[y] * small.width, lower = down.second[y] * small.width;
    const below = down.weight[y], above = 1 - below;
    for (let x = 0; x < width; x++) {
      const left = across.first[x], right = across.second[x], after = across.weight[x];
      for (let c = 0; c < 3; c++) {
        const first = small.rgb[3 * (upper + left) + c] * above + small.rgb[3 * (lower + left) + c] * below;
        const second = small.rgb[3 * (upper + right) + c] * above + small.rgb[3 * (lower + right) + c] * below;
        line[4 * x + c] = first * (1 - after) + second * after;
      }
    }
    return line;
  };
}
