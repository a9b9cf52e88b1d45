/** Enlarging a matte by OpenCV's bicubic interpolation. */

import { areaPlane } from "./resize.js";

const SLOPE = -0.75;

/**
 * As `tfmatting.imaging.refine.enlarge`: bicubic, or averaging where both sides shrink.
 *
 * @param {Float32Array} plane [fromHeight, fromWidth]
 * @returns {Float32Array} [height, width] in [0, 1].
 */
export function enlargePlane(plane, fromHeight, fromWidth, height, width) {
  const shrinks = fromHeight >= height && fromWidth >= width;
  const result = shrinks
    ? areaPlane(plane, fromHeight, fromWidth, height, width)
    : cubic(plane, fromHeight, fromWidth, height, width);
  return result.map((value) => Math.min(Math.max(value, 0), 1));
}

function cubic(plane, fromHeight, fromWidth, height, width) {
  const across = cubicTable(fromWidth, width), down = cubicTable(fromHeight, height);
  const widened = new Float32Array(fromHeight * width);
  for (let y = 0, to = 0; y < fromHeight; y++) {
    for (const { places, weights } of across) {
      let sum = 0;
      for (let tap = 0; tap < 4; tap++) sum += plane[y * fromWidth + places[tap]] * weights[tap];
      widened[to++] = sum;
    }
  }
  const result = new Float32Array(height * width);
  let to = 0;
  for (const { places, weights } of down) {
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (let tap = 0; tap < 4; tap++) sum += widened[places[tap] * width + x] * weights[tap];
      result[to++] = sum;
    }
  }
  return result;
}

/** The four neighbours of every target cell, repeated at the border, and their weights. */
function cubicTable(from, to) {
  return Array.from({ length: to }, (_, target) => {
    const place = Math.fround((target + 0.5) * (from / to) - 0.5);
    const cell = Math.floor(place), x = place - cell;
    const places = [-1, 0, 1, 2].map((step) => Math.min(Math.max(cell + step, 0), from - 1));
    const outer = (t) => ((SLOPE * t - 5 * SLOPE) * t + 8 * SLOPE) * t - 4 * SLOPE;
    const inner = (t) => ((SLOPE + 2) * t - (SLOPE + 3)) * t * t + 1;
    const weights = [outer(x + 1), inner(x), inner(1 - x)];
    return { places, weights: [...weights, 1 - weights[0] - weights[1] - weights[2]] };
  });
}
