/** A part of a picture as a source of pixels; beyond the picture, its border is repeated. */

/**
 * @param source pixels, see resize.js.
 * @param {{left: number, top: number, width: number, height: number}} frame in its pixels.
 */
export function viewOf(source, { left, top, width, height }) {
  const row = (y) => Math.min(Math.max(top + y, 0), source.height - 1);
  const before = Math.min(Math.max(-left, 0), width);
  const inside = Math.min(source.width - Math.max(left, 0), width - before);
  return {
    width,
    height,
    rows(first, last) {
      const upper = row(first);
      const rgba = source.rows(upper, row(last - 1) + 1);
      const result = new Uint8ClampedArray(4 * width * (last - first));
      const pixels = new Uint32Array(result.buffer);
      for (let y = first; y < last; y++) {
        const from = 4 * ((row(y) - upper) * source.width + Math.max(left, 0));
        const line = (y - first) * width, end = line + before + inside;
        result.set(rgba.subarray(from, from + 4 * inside), 4 * (line + before));
        pixels.fill(pixels[line + before], line, line + before);
        pixels.fill(pixels[end - 1], end, line + width);
      }
      return result;
    },
  };
}
