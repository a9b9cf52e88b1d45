/**
 * Resizing with OpenCV's arithmetic, so that a network sees in the browser what it sees in Python.
 *
 * A source of pixels is `{width, height, rows(first, last)}`; `rows` gives the RGBA bytes of the
 * rows from `first` up to and without `last`. A photo of 24 megapixels is read a strip at a time.
 */

export const STRIP = 256;
const { fround } = Math; // products are rounded as floats: halves fall as they do in OpenCV

/**
 * Resizes as `tfmatting.imaging.resize.resize`: averaging when smaller, linear when larger.
 *
 * @param source pixels, see above.
 * @returns {Uint8Array} RGB, [height, width, 3].
 */
export function resizeRgb(source, height, width) {
  if (source.width === width && source.height === height) return copyRgb(source);
  const shrinks = source.width >= width && source.height >= height;
  return shrinks ? areaRgb(source, height, width) : linearRgb(source, height, width);
}

function copyRgb({ width, height, rows }) {
  const rgba = rows(0, height);
  const rgb = new Uint8Array(width * height * 3);
  for (let from = 0, to = 0; to < rgb.length; from += 4, to += 3) {
    rgb[to] = rgba[from];
    rgb[to + 1] = rgba[from + 1];
    rgb[to + 2] = rgba[from + 2];
  }
  return rgb;
}

/** The part that every source cell has in every target cell: OpenCV's computeResizeAreaTab. */
function areaTable(from, to) {
  const scale = from / to;
  const targets = [], sources = [], weights = [];
  const add = (target, source, weight) => {
    targets.push(target);
    sources.push(source);
    weights.push(fround(weight));
  };
  for (let target = 0; target < to; target++) {
    const start = target * scale, end = start + scale;
    const cell = Math.min(scale, from - start);
    const last = Math.min(Math.floor(end), from - 1);
    const first = Math.min(Math.ceil(start), last);
    if (first - start > 1e-3) add(target, first - 1, (first - start) / cell);
    for (let source = first; source < last; source++) add(target, source, 1 / cell);
    if (end - last > 1e-3) add(target, last, Math.min(end - last, 1, cell) / cell);
  }
  return { targets, sources, weights };
}

function areaRgb(source, height, width) {
  const { width: fromWidth, height: fromHeight } = source;
  const whole = fromWidth % width === 0 && fromHeight % height === 0;
  const two = whole && fromWidth === 2 * width && fromHeight === 2 * height;
  const across = areaTable(fromWidth, width), down = areaTable(fromHeight, height);
  // whole factors are summed as integers and divided once, as OpenCV does
  if (whole) across.weights.fill(1), down.weights.fill(1);
  const columns = Int32Array.from(across.sources, (x) => 4 * x);
  const places = Int32Array.from(across.targets, (x) => 3 * x);
  const shares = Float32Array.from(across.weights);
  const share = fround(1 / ((fromWidth / width) * (fromHeight / height)));
  const line = new Float32Array(3 * width), sum = new Float32Array(3 * width);
  const result = new Uint8Array(3 * width * height);
  let strip = null, stripStart = 0, stripEnd = 0;
  for (let entry = 0; entry < down.sources.length; entry++) {
    const y = down.sources[entry];
    if (y >= stripEnd || y < stripStart) {
      stripStart = y;
      stripEnd = Math.min(fromHeight, y + STRIP);
      strip = source.rows(stripStart, stripEnd);
    }
    line.fill(0);
    const row = (y - stripStart) * fromWidth * 4;
    for (let index = 0; index < columns.length; index++) {
      const from = row + columns[index], to = places[index], weight = shares[index];
      line[to] += fround(strip[from] * weight);
      line[to + 1] += fround(strip[from + 1] * weight);
      line[to + 2] += fround(strip[from + 2] * weight);
    }
    const target = down.targets[entry], weight = down.weights[entry];
    for (let index = 0; index < line.length; index++) sum[index] += fround(weight * line[index]);
    if (down.targets[entry + 1] === target) continue;
    const start = target * 3 * width;
    for (let index = 0; index < sum.length; index++) {
      result[start + index] = two
        ? (sum[index] + 2) >> 2
        : roundHalfEven(whole ? fround(sum[index] * share) : sum[index]);
    }
    sum.fill(0);
  }
  return result;
}

/** OpenCV's linear interpolation of bytes: weights of 11 bits, sums of integers. */
function linearRgb(source, height, width) {
  const across = linearTable(source.width, width), down = linearTable(source.height, height, false);
  const rgba = source.rows(0, source.height);
  const horizontal = (y) => {
    const line = new Int32Array(3 * width);
    for (let x = 0; x < width; x++) {
      const left = (y * source.width + across.first[x]) * 4;
      const right = (y * source.width + across.second[x]) * 4;
      const after = Math.round(across.weight[x] * 2048);
      const before = Math.round(fround(1 - across.weight[x]) * 2048);
      for (let c = 0; c < 3; c++) {
        line[3 * x + c] = rgba[left + c] * before + rgba[right + c] * after;
      }
    }
    return line;
  };
  const lines = Array.from({ length: source.height }, (_, y) => horizontal(y));
  const result = new Uint8Array(3 * width * height);
  for (let y = 0; y < height; y++) {
    const upper = lines[down.first[y]], lower = lines[down.second[y]];
    const below = Math.round(down.weight[y] * 2048);
    const above = Math.round(fround(1 - down.weight[y]) * 2048);
    for (let index = 0; index < 3 * width; index++) {
      const high = (above * (upper[index] >> 4)) >> 16;
      const low = (below * (lower[index] >> 4)) >> 16;
      result[y * 3 * width + index] = (high + low + 2) >> 2;
    }
  }
  return result;
}

/**
 * The two neighbours of every target cell and the weight of the second, as OpenCV has them.
 *
 * @param {boolean} settled whether the weight is 0 at the border; OpenCV has it so along a row, and
 *     not from row to row, where a byte is then rounded down twice.
 * @returns {{first: Int32Array, second: Int32Array, weight: Float32Array}}
 */
export function linearTable(from, to, settled = true) {
  const scale = from / to;
  const first = new Int32Array(to), second = new Int32Array(to), weight = new Float32Array(to);
  for (let target = 0; target < to; target++) {
    const place = fround((target + 0.5) * scale - 0.5);
    const cell = Math.floor(place);
    const inside = cell >= 0 && cell < from - 1;
    first[target] = Math.min(Math.max(cell, 0), from - 1);
    second[target] = inside ? cell + 1 : first[target];
    weight[target] = inside || !settled ? place - cell : 0;
  }
  return { first, second, weight };
}

/**
 * Shrinks one plane by averaging, as cv2.INTER_AREA.
 *
 * @param {Float32Array} plane [fromHeight, fromWidth]
 * @returns {Float32Array} [height, width]
 */
export function areaPlane(plane, fromHeight, fromWidth, height, width) {
  const across = areaTable(fromWidth, width), down = areaTable(fromHeight, height);
  const result = new Float32Array(width * height);
  const line = new Float32Array(width);
  down.sources.forEach((y, entry) => {
    line.fill(0);
    across.sources.forEach((x, index) => {
      line[across.targets[index]] += plane[y * fromWidth + x] * across.weights[index];
    });
    const start = down.targets[entry] * width;
    for (let x = 0; x < width; x++) result[start + x] += down.weights[entry] * line[x];
  });
  return result;
}

/** Rounds to the nearest whole number, halves to the even one, as Python and OpenCV do. */
export function roundHalfEven(value) {
  const below = Math.floor(value), rest = value - below;
  if (rest < 0.5 || (rest === 0.5 && below % 2 === 0)) return below;
  return below + 1;
}
