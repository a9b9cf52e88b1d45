/**
 * The subject's own colours where the background shines through: blur fusion, a row at a time.
 *
 * Every pixel as `tfmatting.imaging.foreground.estimate_foreground`, which takes the means of photos
 * longer than 1500 pixels on a smaller copy. The first pass (wide boxes)
 * runs a few rows ahead of the second (narrow ones), so that a photo of 24 megapixels needs no
 * more than its own pixels and some rows of sums.
 * Source: Forte, "Approximate Fast Foreground Colour Estimation", ICIP 2021, eq. 4-6.
 */

import { roundHalfEven } from "./resize.js";

const TINY = Math.fround(1e-5), ABOVE_ONE = Math.fround(1 + 1e-5);
const PRODUCTS = 7; // alpha; alpha times foreground, red to blue; (1 - alpha) times background

/**
 * @param {Uint8ClampedArray} rgba the photo, [height, width, 4]; its fourth channel is not read.
 * @param {Float32Array} alpha [height, width] in [0, 1].
 * @yields {Uint8ClampedArray} the RGB of every row, from the top; the array is used again.
 */
export function* foregroundRows(rgba, alpha, height, width) {
  const scale = Math.max(1, Math.max(height, width) / 1000);
  const wide = columnSums(roundHalfEven(90 * scale), height, width, photoProducts);
  const narrow = columnSums(roundHalfEven(6 * scale), height, width, (y, line) => line.set(fusedRow(y)));
  const means = new Float32Array(PRODUCTS * width);
  const ahead = new Map(); // rows of the first pass that the second still needs
  let reached = -1;

  function photoProducts(y, line) {
    for (let x = 0, at = y * width, from = 4 * at, to = 0; x < width; x++, at++, from += 4, to += 7) {
      const weight = alpha[at], rest = Math.fround(1 - weight);
      line[to] = weight;
      line[to + 1] = rgba[from] * weight;
      line[to + 2] = rgba[from + 1] * weight;
      line[to + 3] = rgba[from + 2] * weight;
      line[to + 4] = rgba[from] * rest;
      line[to + 5] = rgba[from + 1] * rest;
      line[to + 6] = rgba[from + 2] * rest;
    }
  }

  function fusedRow(y) {
    while (reached < y) {
      reached++;
      wide.means(reached, means);
      const line = new Float32Array(PRODUCTS * width);
      for (let x = 0, at = reached * width, to = 0; x < width; x++, at++, to += 7) {
        const weight = alpha[at], rest = Math.fround(1 - weight);
        const inside = means[to] + TINY, outside = ABOVE_ONE - means[to];
        line[to] = weight;
        for (let c = 1; c < 4; c++) {
          const behind = means[to + 3 + c] / outside;
          const colour = fuse(rgba[4 * at + c - 1], weight, rest, means[to + c] / inside, behind);
          line[to + c] = colour * weight;
          line[to + 3 + c] = behind * rest;
        }
      }
      ahead.set(reached, line);
      ahead.delete(reached - 2 * narrow.box - 2);
    }
    return ahead.get(y);
  }

  const result = new Uint8ClampedArray(3 * width);
  const near = new Float32Array(PRODUCTS * width);
  for (let y = 0; y < height; y++) {
    narrow.means(y, near);
    for (let x = 0, at = y * width, to = 0, out = 0; x < width; x++, at++, to += 7, out += 3) {
      const weight = alpha[at], rest = Math.fround(1 - weight);
      const inside = near[to] + TINY, outside = ABOVE_ONE - near[to];
      for (let c = 1; c < 4; c++) {
        const colour = fuse(
          rgba[4 * at + c - 1], weight, rest, near[to + c] / inside, near[to + 3 + c] / outside,
        );
        result[out + c - 1] = (colour + 0.5) | 0;
      }
    }
    yield result;
  }
}

function fuse(colour, weight, rest, foreground, background) {
  const fused = (colour - weight * foreground - rest * background) * weight + foreground;
  return fused < 0 ? 0 : fused > 255 ? 255 : fused;
}

/**
 * Means over boxes, as cv2.blur with BORDER_REPLICATE, of lines asked for from the top down.
 *
 * @param {(y: number, line: Float32Array) => void} products writes the 7 values of every pixel.
 */
function columnSums(box, height, width, products) {
  const before = box >> 1, after = box - before - 1;
  const sums = new Float64Array(PRODUCTS * width);
  const line = new Float32Array(PRODUCTS * width);
  const inside = (y) => Math.min(Math.max(y, 0), height - 1);
  const add = (y, sign) => {
    products(inside(y), line);
    for (let index = 0; index < line.length; index++) sums[index] += sign * line[index];
  };
  let ready = -1;
  return {
    box,
    means(y, target) {
      if (ready < 0) {
        for (let step = -before; step <= after; step++) add(step, 1);
      } else if (inside(y + after) !== inside(y - before - 1)) {
        add(y + after, 1);
        add(y - before - 1, -1);
      }
      ready = y;
      meansAcross(sums, target, width, before, after);
    },
  };
}

function meansAcross(sums, target, width, before, after) {
  const share = 1 / (before + after + 1) ** 2;
  const last = PRODUCTS * (width - 1);
  for (let c = 0; c < PRODUCTS; c++) {
    let sum = 0;
    for (let step = -before; step <= after; step++) {
      sum += sums[Math.min(Math.max(PRODUCTS * step, 0), last) + c];
    }
    let entering = PRODUCTS * (after + 1), leaving = -PRODUCTS * before;
    for (let at = c; at <= last + c; at += PRODUCTS) {
      target[at] = sum * share;
      sum += sums[(entering < last ? entering : last) + c] - sums[(leaving > 0 ? leaving : 0) + c];
      entering += PRODUCTS;
      leaving += PRODUCTS;
    }
  }
}
