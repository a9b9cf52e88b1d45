/**
 * Photos longer than the network has seen: people are found along them and matted by themselves.
 *
 * The same arithmetic as `tfmatting.inference.extreme_shapes`, which says why.
 */

import { enlargePlane } from "../imaging/cubic.js";
import { pixelsOf } from "../imaging/source.js";
import { resizeRgb, roundHalfEven } from "../imaging/resize.js";
import { viewOf } from "../imaging/view.js";
import { matteWhole } from "./whole_photo.js";

const LONGEST = 2; // longer side over shorter side of photos that are taken as a whole
const UPRIGHT_WINDOW = 2, GAP = 0.15, MARGIN = 0.12, LEAST = 0.01, BROAD = 0.5;
const MOST_PADDING = 8, LEAST_WINDOW = 64;

/** Whether a photo is taller than 1:2, or wider than `widest` (width over height). */
export function isLong({ width, height }, widest = LONGEST) {
  return height > LONGEST * width || width > widest * height;
}

/**
 * Mattes the stretches of a long photo that people are in.
 *
 * @returns as `matteWhole`, for whole rows.
 */
export async function matteInParts(source, network) {
  const parts = [];
  for (const [start, stop] of await findStretches(source, network)) {
    const frame = paddedFrame(stretchFrame(source, start, stop));
    parts.push({ start, stop, ...frame.padding, matte: await matteWhole(viewOf(source, frame), network) });
  }
  return (height, width) => blendedRows(parts, source, height, width);
}

/** Where people are along the longer side: [start, stop] in pixels, each with a margin. */
async function findStretches(source, network) {
  const { width, height } = source;
  const short = Math.min(width, height), length = Math.max(width, height);
  const scale = Math.min(1, Math.max(network.width, network.height) / short);
  const scaled = (side) => Math.max(1, roundHalfEven(side * scale));
  const small = opaquePixels(resizeRgb(source, scaled(height), scaled(width)), scaled(height), scaled(width));
  const counts = await opaqueAlong(small, network);
  const least = Math.max(1, LEAST * Math.min(small.width, small.height));
  const opaque = [...counts.keys()].filter((place) => counts[place] > least);
  const stretches = [];
  for (const place of opaque) {
    const last = stretches.at(-1);
    if (last && place + 1 - last[1] <= GAP * Math.min(small.width, small.height)) last[1] = place + 1;
    else stretches.push([place, place + 1]);
  }
  const factor = length / counts.length;
  return stretches.map(([start, stop]) =>
    withSurroundings(
      roundHalfEven(start * factor), Math.min(length, roundHalfEven(stop * factor)), short, length,
    ),
  );
}

/** How many pixels of every row (column, in a wide photo) the first pass finds opaque. */
async function opaqueAlong(small, network) {
  const { width, height } = small, wide = width > height;
  const short = Math.min(width, height), length = Math.max(width, height);
  const wanted = Math.max(LEAST_WINDOW, wide ? short : roundHalfEven(UPRIGHT_WINDOW * short));
  const window = Math.min(length, wanted);
  const count = Math.max(1, Math.ceil((2 * (length - window)) / window) + 1);
  const total = new Float32Array(width * height), weights = new Float32Array(length);
  for (let index = 0; index < count; index++) {
    const start = count > 1 ? Math.floor((index * (length - window)) / (count - 1)) : 0;
    const frame = stretchFrame(small, start, start + window);
    const alpha = await coarseAlpha(viewOf(small, frame), network);
    for (let along = 0; along < window; along++) weights[start + along] += ramp(along, window);
    for (let y = 0, from = 0; y < frame.height; y++) {
      for (let x = 0; x < frame.width; x++, from++) {
        const weight = ramp(wide ? x : y, window);
        total[(frame.top + y) * width + frame.left + x] += Math.fround(alpha[from] * weight);
      }
    }
  }
  const frame = paddedFrame({ left: 0, top: 0, width, height });
  const whole = await coarseAlpha(viewOf(small, frame), network);
  const wholeAt = (x, y) => whole[(y - frame.top) * frame.width + x - frame.left];
  return Array.from({ length }, (_, along) => {
    const places = Array.from({ length: short }, (_, across) => (wide ? [along, across] : [across, along]));
    const broad = places.filter(([x, y]) => wholeAt(x, y) > 0.5).length >= BROAD * short;
    return places.filter(([x, y]) => {
      const found = total[y * width + x] / Math.max(weights[along], 1);
      return found > 0.5 || (broad && wholeAt(x, y) > 0.5);
    }).length;
  });
}

async function coarseAlpha(source, network) {
  const { height, width } = network;
  const alpha = await network.run(resizeRgb(source, height, width));
  return enlargePlane(alpha, height, width, source.height, source.width);
}

/** A stretch with a margin, at least as long as the photo is wide, inside the photo. */
function withSurroundings(start, stop, short, length) {
  const margin = roundHalfEven(MARGIN * Math.max(short, stop - start));
  const wanted = Math.max(stop - start + 2 * margin, Math.min(short, length));
  const from = Math.max(0, Math.min(Math.floor((start + stop - wanted) / 2), length - wanted));
  return [from, Math.min(length, from + wanted)];
}

function stretchFrame({ width, height }, start, stop) {
  return width > height
    ? { left: start, top: 0, width: stop - start, height }
    : { left: 0, top: start, width, height: stop - start };
}

/** A frame made at most twice as long as wide; how far it goes beyond is its `padding`. */
function paddedFrame({ left, top, width, height }) {
  const wanted = Math.min(Math.ceil(Math.max(width, height) / LONGEST), MOST_PADDING * Math.min(width, height));
  const down = Math.max(0, wanted - height), right = Math.max(0, wanted - width);
  const padding = { above: down >> 1, below: down - (down >> 1), before: right >> 1, after: right - (right >> 1) };
  return {
    left: left - padding.before, top: top - padding.above, width: width + right, height: height + down, padding,
  };
}

function opaquePixels(rgb, height, width) {
  const data = new Uint8ClampedArray(4 * width * height).fill(255);
  for (let from = 0, to = 0; from < rgb.length; from += 3, to += 4) {
    data[to] = rgb[from];
    data[to + 1] = rgb[from + 1];
    data[to + 2] = rgb[from + 2];
  }
  return pixelsOf({ width, height, data });
}

/** The weight of a place in a stretch: where two overlap, one fades into the other. */
function ramp(along, length) {
  return Math.min(along + 1, length - along);
}

/** The rows of parts put together at a size of the whole photo; see `guidedRows`. */
function blendedRows(parts, photo, height, width) {
  const wide = photo.width > photo.height;
  const down = height / photo.height, across = width / photo.width;
  const placed = parts.map(({ start, stop, above, below, before, after, matte }) => {
    const scale = wide ? across : down;
    const from = Math.round(start * scale), to = Math.round(stop * scale);
    const top = Math.round(above * down), left = Math.round(before * across);
    const part = { left, width: wide ? to - from : width };
    const toHeight = top + (wide ? height : to - from) + Math.round(below * down);
    const row = matte(toHeight, left + part.width + Math.round(after * across), part);
    return { from, to, top, row, width: part.width };
  });
  const line = new Float32Array(width);
  return (y, rgba, start, alpha, place) => {
    const total = new Float32Array(width), weights = new Float32Array(width);
    for (const { from, to, top, row, width: columns } of placed) {
      if (!wide && (y < from || y >= to)) continue;
      const first = wide ? from : 0;
      row(top + (wide ? y : y - from), rgba, start + 4 * first, line, 0);
      for (let x = 0; x < columns; x++) {
        const weight = ramp(wide ? x : y - from, to - from);
        total[first + x] += Math.fround(line[x] * weight);
        weights[first + x] += weight;
      }
    }
    for (let x = 0; x < width; x++) alpha[place + x] = total[x] / Math.max(weights[x], 1);
  };
}
