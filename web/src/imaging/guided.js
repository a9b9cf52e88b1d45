/**
 * The guided filter: a small matte brought to the photo's size along the photo's own edges.
 *
 * The same arithmetic as `tfmatting.imaging.refine.guided_upsample`, a row at a time.
 * Source: He, Sun and Tang, "Guided Image Filtering", PAMI 2013, eq. 19-21 (colour guide); He and
 * Sun, "Fast Guided Filter", 2015.
 */

import { areaPlane, linearTable } from "./resize.js";

/** As `PHOTO_FIT` of `tfmatting.imaging.refine`. */
const RADIUS = 4, EPSILON = 3e-4, CONTRAST = 2, MIDDLE = 0.55;

/**
 * Fits alpha = slope . colour + offset in small windows.
 *
 * @param {Float32Array} alpha [height, width] in [0, 1].
 * @param {Uint8Array} rgb [height, width, 3], the photo at the matte's size.
 * @returns {{height, width, planes: Float32Array[]}} slopes for red, green and blue; the offset.
 */
export function fitLinearModel(alpha, rgb, height, width) {
  const size = height * width;
  const plane = () => new Float32Array(size);
  const guide = [plane(), plane(), plane()];
  for (let index = 0; index < size; index++) {
    for (let c = 0; c < 3; c++) guide[c][index] = Math.fround(rgb[3 * index + c]) / 255;
  }
  const mean = (values) => boxMean(values, height, width);
  const times = (left, right) => left.map((value, index) => value * right[index]);
  const [red, green, blue] = guide;
  const [meanRed, meanGreen, meanBlue] = guide.map(mean);
  const meanAlpha = mean(alpha);
  const covariance = (left, right, meanLeft, meanRight) => {
    const result = mean(times(left, right));
    for (let i = 0; i < size; i++) result[i] -= Math.fround(meanLeft[i] * meanRight[i]);
    return result;
  };
  const diagonal = [
    covariance(red, red, meanRed, meanRed),
    covariance(green, green, meanGreen, meanGreen),
    covariance(blue, blue, meanBlue, meanBlue),
  ];
  for (const variance of diagonal) {
    for (let i = 0; i < size; i++) variance[i] += Math.fround(EPSILON);
  }
  const beside = [
    covariance(red, green, meanRed, meanGreen),
    covariance(red, blue, meanRed, meanBlue),
    covariance(green, blue, meanGreen, meanBlue),
  ];
  const right = [
    covariance(red, alpha, meanRed, meanAlpha),
    covariance(green, alpha, meanGreen, meanAlpha),
    covariance(blue, alpha, meanBlue, meanAlpha),
  ];
  const slope = solveSymmetric(diagonal, beside, right, size);
  const offset = plane();
  for (let i = 0; i < size; i++) {
    offset[i] =
      meanAlpha[i] - (slope[0][i] * meanRed[i] + slope[1][i] * meanGreen[i] + slope[2][i] * meanBlue[i]);
  }
  const planes = [...slope, offset].map(mean);
  for (let i = 0; i < size; i++) {
    for (let c = 0; c < 3; c++) planes[c][i] *= CONTRAST;
    planes[3][i] = CONTRAST * (planes[3][i] - MIDDLE) + 0.5;
  }
  return { height, width, planes };
}

/** Mean over windows of 9x9; the border is mirrored with its pixels repeated (BORDER_REFLECT). */
function boxMean(values, height, width) {
  const mirrored = (place, length) => {
    const inside = place < 0 ? -place - 1 : place >= length ? 2 * length - place - 1 : place;
    return Math.min(Math.max(inside, 0), length - 1);
  };
  const across = new Float64Array(values.length);
  for (let y = 0, index = 0; y < height; y++) {
    for (let x = 0; x < width; x++, index++) {
      let sum = 0;
      for (let step = -RADIUS; step <= RADIUS; step++) {
        sum += values[y * width + mirrored(x + step, width)];
      }
      across[index] = sum;
    }
  }
  const result = new Float32Array(values.length);
  const cells = (2 * RADIUS + 1) ** 2;
  for (let y = 0, index = 0; y < height; y++) {
    const rows = [];
    for (let step = -RADIUS; step <= RADIUS; step++) rows.push(mirrored(y + step, height) * width);
    for (let x = 0; x < width; x++, index++) {
      let sum = 0;
      for (const row of rows) sum += across[row + x];
      result[index] = sum / cells;
    }
  }
  return result;
}

/** x of A x = right for every pixel, A symmetric 3x3, by its adjugate. */
function solveSymmetric([as, ds, fs], [bs, cs, es], [xs, ys, zs], size) {
  const solution = [0, 1, 2].map(() => new Float32Array(size));
  for (let i = 0; i < size; i++) {
    const a = as[i], b = bs[i], c = cs[i], d = ds[i], e = es[i], f = fs[i];
    const x = xs[i], y = ys[i], z = zs[i];
    const first = d * f - e * e, second = c * e - b * f, third = b * e - c * d;
    const fourth = a * f - c * c, fifth = b * c - a * e, sixth = a * d - b * b;
    const determinant = a * first + b * second + c * third;
    solution[0][i] = (first * x + second * y + third * z) / determinant;
    solution[1][i] = (second * x + fourth * y + fifth * z) / determinant;
    solution[2][i] = (third * x + fifth * y + sixth * z) / determinant;
  }
  return solution;
}

/**
 * Makes the function that gives a row of the large matte.
 *
 * @param model of `fitLinearModel`.
 * @param {{left: number, width: number}} part the columns that are wanted.
 * @returns {(y: number, rgba: Uint8ClampedArray, start: number, alpha: Float32Array, place: number) => void}
 *     writes the part's values of row `y`, in [0, 1], whose pixels begin at `rgba[start]`, to
 *     `alpha[place]`.
 */
export function guidedRows(model, height, width, part = { left: 0, width }) {
  const down = linearTable(model.height, height), across = linearTable(model.width, width);
  const cache = new Map();
  const widened = (y) => {
    let lines = cache.get(y);
    if (!lines) {
      lines = model.planes.map((plane) => widenedLine(plane, y * model.width, across, part));
      if (cache.size > 3) cache.delete(cache.keys().next().value);
      cache.set(y, lines);
    }
    return lines;
  };
  return (y, rgba, start, alpha, place) => {
    const [ur, ug, ub, uo] = widened(down.first[y]), [lr, lg, lb, lo] = widened(down.second[y]);
    const below = down.weight[y], above = 1 - below;
    for (let x = 0, from = start; x < part.width; x++, from += 4) {
      const value =
        uo[x] * above + lo[x] * below +
        ((ur[x] * above + lr[x] * below) * rgba[from] +
          (ug[x] * above + lg[x] * below) * rgba[from + 1] +
          (ub[x] * above + lb[x] * below) * rgba[from + 2]) / 255;
      alpha[place + x] = value < 0 ? 0 : value > 1 ? 1 : value;
    }
  };
}

function widenedLine(plane, start, { first, second, weight }, { left, width }) {
  const line = new Float32Array(width);
  for (let to = 0, x = left; to < width; to++, x++) {
    line[to] = plane[start + first[x]] * (1 - weight[x]) + plane[start + second[x]] * weight[x];
  }
  return line;
}

/**
 * Makes the row function of a photo no larger than the matte, which is averaged, blind to colours.
 */
export function shrunkRows(alpha, fromHeight, fromWidth, height, width, part = { left: 0, width }) {
  const plane =
    fromHeight === height && fromWidth === width
      ? alpha
      : areaPlane(alpha, fromHeight, fromWidth, height, width);
  return (y, rgba, start, target, place) => {
    const from = y * width + part.left;
    for (let x = 0; x < part.width; x++) {
      target[place + x] = Math.min(Math.max(plane[from + x], 0), 1);
    }
  };
}
