/**
 * Cutting people out of photos and the camera's picture, in the browser alone.
 *
 *     import { Matting } from "./tfmatting/tfmatting.js";
 *     const matting = await Matting.load();
 *     const png = await matting.cutout(file);
 */

import { LiveCamera } from "./live_camera.js";

const PREVIEW = 1600;

export class Matting {
  /**
   * @param {object} options
   * @param {string | Blob | ArrayBuffer} [options.model] a name of `models.json`, the URL of a
   *     `.tflite` file, or the file itself.
   * @param {boolean} [options.webgpu] use WebGPU for float models where it is there and agrees.
   * @param {(part: number) => void} [options.progress] of the model's download, 0 to 1.
   * @returns {Promise<Matting>}
   * @throws {Error} the model cannot be loaded, or is no matting model.
   */
  static async load({ model = "portrait_lite", webgpu = true, progress } = {}) {
    const matting = new Matting(new Worker(new URL("worker.js", import.meta.url)));
    try {
      await matting.use(model, { webgpu, progress });
    } catch (error) {
      matting.close();
      throw error;
    }
    return matting;
  }

  /** The models that ship: `[{name, file, bytes, title}]`. */
  static async models() {
    const response = await fetch(new URL("models.json", import.meta.url));
    return response.json();
  }

  constructor(worker) {
    this.worker = worker;
    this.calls = new Map();
    this.last = 0;
    this.listeners = new Set();
    worker.onmessage = ({ data }) => this.receive(data);
    worker.onerror = ({ message }) => this.fail(message || "the worker could not be started");
  }

  receive({ call, result, error, ...event }) {
    if (!call) {
      for (const listener of this.listeners) listener(event);
      return;
    }
    const { resolve, reject } = this.calls.get(call);
    this.calls.delete(call);
    if (error === undefined) resolve(result);
    else reject(new Error(error));
  }

  fail(message) {
    for (const { reject } of this.calls.values()) reject(new Error(message));
    this.calls.clear();
  }

  /** Calls a method of the worker. */
  call(method, argument = {}, transfer = []) {
    const call = ++this.last;
    return new Promise((resolve, reject) => {
      this.calls.set(call, { resolve, reject });
      this.worker.postMessage({ call, method, argument }, transfer);
    });
  }

  /** @param {(event: object) => void} listener @returns {() => void} stops listening. */
  listen(listener) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Changes the model; options as `load`. */
  async use(model, { webgpu = true, progress } = {}) {
    let source = model, bytes = 0, widest;
    if (model instanceof Blob) source = await model.arrayBuffer();
    if (typeof model === "string") {
      const shipped = (await Matting.models()).find(({ name }) => name === model);
      bytes = shipped?.bytes ?? 0;
      widest = shipped?.widest;
      source = new URL(shipped?.file ?? model, shipped ? import.meta.url : document.baseURI).href;
    }
    const stop = this.listen(({ event, received }) => {
      if (event === "download" && bytes) progress?.(received / bytes);
    });
    try {
      this.network = await this.call("load", { model: source, webgpu, widest });
    } finally {
      stop();
    }
  }

  /**
   * Opens a photo for several results of it.
   *
   * @param {Blob | ImageData} picture
   * @returns {Promise<OpenPhoto>}
   * @throws {Error} a file that the browser cannot read.
   */
  async open(picture) {
    return new OpenPhoto(this, await this.call("open", { picture, longest: PREVIEW }));
  }

  /**
   * Cuts the person out of a photo.
   *
   * @param {Blob | ImageData} picture
   * @param background `{kind: "transparent"}`, `{kind: "matte"}`, `{kind: "blur"}`,
   *     `{kind: "colour", colour: "#rrggbb"}` or `{kind: "picture", bitmap: ImageBitmap}`.
   * @returns {Promise<Blob>} PNG, or JPEG where the background is opaque, at the photo's size.
   */
  async cutout(picture, background = { kind: "transparent" }) {
    return this.during(picture, (photo) => photo.file(background));
  }

  /** The matte: `{width, height, data}`, data Float32Array in [0, 1], 1 = person. */
  async alpha(picture) {
    return this.during(picture, (photo) => photo.alpha());
  }

  async during(picture, work) {
    const photo = await this.open(picture);
    try {
      return await work(photo);
    } finally {
      photo.close();
    }
  }

  /**
   * Shows a camera's picture with another background.
   *
   * @param {HTMLCanvasElement} canvas that nothing has been drawn on.
   * @param {MediaStream} stream of a camera, from `navigator.mediaDevices.getUserMedia`.
   * @param {object} [settings] `{background, mirror, sideBySide, blur, compositor}`, see
   *     `LiveCamera.set`.
   * @returns {Promise<LiveCamera>}
   */
  camera(canvas, stream, settings) {
    return LiveCamera.start(this, canvas, stream, settings);
  }

  /** Ends the worker; nothing works afterwards. */
  close() {
    this.worker.terminate();
    this.fail("closed");
  }
}

class OpenPhoto {
  constructor(matting, { id, width, height, milliseconds }) {
    this.matting = matting;
    this.id = id;
    this.width = width;
    this.height = height;
    this.milliseconds = milliseconds;
  }

  /** Bitmaps of at most 1600 pixels: `{result, original}`. */
  preview(background = { kind: "transparent" }) {
    return this.matting.call("preview", { id: this.id, background });
  }

  /** The result at full size, see `Matting.cutout`. */
  async file(background = { kind: "transparent" }, progress) {
    const stop = this.matting.listen(({ event, id, part }) => {
      if (event === "progress" && id === this.id) progress?.(part);
    });
    try {
      return await this.matting.call("file", { id: this.id, background });
    } finally {
      stop();
    }
  }

  /** The result's exact pixels at full size, `ImageData`. */
  pixels(background = { kind: "transparent" }) {
    return this.matting.call("pixels", { id: this.id, background });
  }

  alpha() {
    return this.matting.call("alpha", { id: this.id });
  }

  /** Predicts again, after the model has changed. */
  repeat() {
    return this.matting.call("repeat", { id: this.id });
  }

  close() {
    return this.matting.call("close", { id: this.id });
  }
}
