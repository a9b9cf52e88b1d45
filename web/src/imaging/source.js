/** Pixels of photos, read a strip at a time. */

/** The pixels of an `ImageData`, as they are. */
export function pixelsOf({ width, height, data }) {
  return {
    width,
    height,
    rows: (first, last) => data.subarray(first * width * 4, last * width * 4),
    close() {},
  };
}

/**
 * Decodes a photo, turned upright by its EXIF orientation, transparency laid over white.
 *
 * @param {Blob} blob
 * @throws {Error} the browser cannot read it.
 */
export async function decode(blob) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(blob, { imageOrientation: "from-image" });
  } catch {
    throw new Error(`not a picture that this browser can read (${blob.type || "unknown type"})`);
  }
  return { ...pixelsOfBitmap(bitmap), bitmap };
}

function pixelsOfBitmap(bitmap) {
  const { width, height } = bitmap;
  let context = null;
  return {
    width,
    height,
    rows(first, last) {
      // a canvas of the whole photo would break the limit of iPhones (16.7 megapixels)
      if (!context || context.canvas.height < last - first) {
        const canvas = new OffscreenCanvas(width, last - first);
        context = canvas.getContext("2d", { willReadFrequently: true });
      }
      context.fillStyle = "#fff";
      context.fillRect(0, 0, width, last - first);
      context.drawImage(bitmap, 0, first, width, last - first, 0, 0, width, last - first);
      return context.getImageData(0, 0, width, last - first).data;
    },
    close: () => bitmap.close(),
  };
}

/** All pixels, RGBA, [height, width, 4]. */
export function readAll(source, strip = 512) {
  if (source.height <= strip) return source.rows(0, source.height);
  const rgba = new Uint8ClampedArray(source.width * source.height * 4);
  for (let first = 0; first < source.height; first += strip) {
    const last = Math.min(source.height, first + strip);
    rgba.set(source.rows(first, last), first * source.width * 4);
  }
  return rgba;
}
