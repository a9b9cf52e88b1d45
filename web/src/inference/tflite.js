/**
 * Reads names, types, shapes and quantization of a `.tflite` file's inputs and outputs.
 *
 * LiteRT.js says nothing of quantization, without which 8-bit outputs mean nothing. The format is
 * a FlatBuffer (schema: tensorflow/compiler/mlir/lite/schema/schema.fbs); field numbers below are
 * the schema's.
 */

const TYPES = { 0: "float32", 3: "uint8", 9: "int8" };

/**
 * @param {Uint8Array} bytes
 * @returns {{inputs: Detail[], outputs: Detail[]}} Detail: `{name, type, shape, scale, zeroPoint}`;
 *     scale is 0 for floats.
 * @throws {Error} no matting model in TFLite's format.
 */
export function readDetails(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 8 || String.fromCharCode(...bytes.subarray(4, 8)) !== "TFL3") {
    throw new Error("not a .tflite file");
  }
  const model = { view, at: view.getUint32(0, true) };
  const subgraph = tables(model, 2)[0];
  const tensors = tables(subgraph, 0);
  const signature = tables(model, 7)[0];
  if (!signature) throw new Error("the file has no named signature");
  const read = (map) => {
    const name = text(map, 0), tensor = tensors[number(map, 1)];
    const quantization = table(tensor, 4);
    return {
      name,
      type: TYPES[byte(tensor, 1)] ?? `type ${byte(tensor, 1)}`,
      shape: integers(tensor, 0),
      scale: quantization ? (floats(quantization, 2)[0] ?? 0) : 0,
      zeroPoint: quantization ? (longs(quantization, 3)[0] ?? 0) : 0,
    };
  };
  const details = { inputs: tables(signature, 0).map(read), outputs: tables(signature, 1).map(read) };
  if (!details.inputs.some(({ name }) => name === "image") || !details.outputs.some(({ name }) => name === "alpha")) {
    throw new Error('a matting model has an input "image" and an output "alpha"');
  }
  return details;
}

function field({ view, at }, number) {
  const vtable = at - view.getInt32(at, true);
  const place = 4 + 2 * number;
  if (place >= view.getUint16(vtable, true)) return 0;
  const offset = view.getUint16(vtable + place, true);
  return offset ? at + offset : 0;
}

function byte(owner, index) {
  const at = field(owner, index);
  return at ? owner.view.getInt8(at) : 0;
}

function number(owner, index) {
  const at = field(owner, index);
  return at ? owner.view.getUint32(at, true) : 0;
}

function follow(view, at) {
  return at + view.getUint32(at, true);
}

function table(owner, index) {
  const at = field(owner, index);
  return at ? { view: owner.view, at: follow(owner.view, at) } : null;
}

function vector(owner, index, size, read) {
  const at = field(owner, index);
  if (!at) return [];
  const start = follow(owner.view, at);
  const length = owner.view.getUint32(start, true);
  return Array.from({ length }, (_, item) => read(start + 4 + size * item));
}

const tables = (owner, index) =>
  vector(owner, index, 4, (at) => ({ view: owner.view, at: follow(owner.view, at) }));
const integers = (owner, index) => vector(owner, index, 4, (at) => owner.view.getInt32(at, true));
const floats = (owner, index) => vector(owner, index, 4, (at) => owner.view.getFloat32(at, true));
const longs = (owner, index) =>
  vector(owner, index, 8, (at) => Number(owner.view.getBigInt64(at, true)));

function text(owner, index) {
  const bytes = vector(owner, index, 1, (at) => owner.view.getUint8(at));
  return new TextDecoder().decode(Uint8Array.from(bytes));
}
