/**
 * Writes a PNG a row at a time.
 *
 * A canvas multiplies colours by alpha and rounds them; this keeps every colour as it was
 * estimated, and a photo of 24 megapixels never lies in a canvas, which iPhones limit to 16.
 */

const SIGNATURE = [137, 80, 78, 71, 13, 10, 26, 10];
const COLOUR_TYPES = { 1: 0, 3: 2, 4: 6 };

export class PngWriter {
  /** @param {1 | 3 | 4} channels grey, RGB or RGBA, 8 bits each. */
  constructor(width, height, channels) {
    this.channels = channels;
    this.before = new Uint8Array(width * channels);
    const header = new DataView(new ArrayBuffer(13));
    header.setUint32(0, width);
    header.setUint32(4, height);
    header.setUint8(8, 8);
    header.setUint8(9, COLOUR_TYPES[channels]);
    this.parts = [Uint8Array.from(SIGNATURE), chunk("IHDR", new Uint8Array(header.buffer))];
    const deflate = new CompressionStream("deflate");
    this.writer = deflate.writable.getWriter();
    this.packed = new Response(deflate.readable).arrayBuffer();
    this.lines = [];
    this.pending = 0;
  }

  /** Adds a row of `width * channels` bytes, which may be used again afterwards. */
  async row(bytes) {
    const line = new Uint8Array(1 + bytes.length);
    filterAverage(bytes, this.before, this.channels, line);
    this.before.set(bytes);
    this.lines.push(line);
    this.pending += line.length;
    if (this.pending > 1 << 20) await this.flush();
  }

  async flush() {
    const block = new Uint8Array(this.pending);
    let place = 0;
    for (const line of this.lines) {
      block.set(line, place);
      place += line.length;
    }
    this.lines = [];
    this.pending = 0;
    await this.writer.write(block);
  }

  /** @returns {Promise<Blob>} the whole file. */
  async finish() {
    await this.flush();
    await this.writer.close();
    const data = new Uint8Array(await this.packed);
    return new Blob([...this.parts, chunk("IDAT", data), chunk("IEND", new Uint8Array())], {
      type: "image/png",
    });
  }
}

/** The filter "Average": good for photos, and nearly as quick as none. */
function filterAverage(bytes, before, channels, line) {
  line[0] = 3;
  for (let index = 0; index < channels; index++) line[index + 1] = bytes[index] - (before[index] >> 1);
  for (let index = channels; index < bytes.length; index++) {
    line[index + 1] = bytes[index] - ((bytes[index - channels] + before[index]) >> 1);
  }
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  for (let bit = 0; bit < 8; bit++) byte = byte & 1 ? (byte >>> 1) ^ 0xedb88320 : byte >>> 1;
  return byte >>> 0;
});

function chunk(name, data) {
  const bytes = new Uint8Array(12 + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  for (let index = 0; index < 4; index++) bytes[4 + index] = name.charCodeAt(index);
  bytes.set(data, 8);
  let crc = ~0;
  for (let index = 4; index < 8 + data.length; index++) {
    crc = CRC_TABLE[(crc ^ bytes[index]) & 255] ^ (crc >>> 8);
  }
  view.setUint32(8 + data.length, ~crc >>> 0);
  return bytes;
}
