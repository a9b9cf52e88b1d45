/** The camera's frames: capture, network, compositing, all in the worker, also in a hidden tab. */

import { CanvasCompositor } from "./canvas_compositor.js";
import { Recurrent } from "./smoothing.js";
import { WebGlCompositor } from "./webgl_compositor.js";

const SLOW_MILLISECONDS = 15;
const REPORT_EVERY = 500; // milliseconds

export class Camera {
  /**
   * @param canvas OffscreenCanvas of the page.
   * @param settings `{background, mirror, sideBySide, blur, compositor}`; compositor "auto",
   *     "webgl" or "canvas".
   * @param {() => object} network gives the network of the moment.
   * @param {(event: object) => void} report gets `{fps, model, capture, composite}` twice a second.
   */
  constructor(canvas, settings, network, report) {
    this.canvas = canvas;
    this.settings = settings;
    this.network = network;
    this.report = report;
    this.smoother = new Recurrent();
    this.small = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
    this.compositor = null;
    this.prior = null;
    this.frames = 0;
    this.sums = { capture: 0, model: 0, composite: 0 };
    this.since = performance.now();
    this.running = true;
  }

  /** Reads frames until the stream ends or `stop`. @param {ReadableStream<VideoFrame>} stream */
  async follow(stream) {
    this.reader = stream.getReader();
    while (this.running) {
      const { value: frame, done } = await this.reader.read();
      if (done) break;
      try {
        if (this.running) await this.show(frame);
      } finally {
        frame.close();
      }
    }
  }

  /** Shows one frame: a VideoFrame, or an ImageBitmap where the browser has no stream of frames. */
  async show(frame) {
    const started = performance.now();
    const network = this.network();
    const { width, height } = network;
    const { canvas: small } = this.small;
    if (small.width !== width) small.width = width;
    if (small.height !== height) small.height = height;
    this.small.imageSmoothingQuality = "medium";
    this.small.drawImage(frame, 0, 0, width, height);
    const { data: rgba } = this.small.getImageData(0, 0, width, height);
    const rgb = withoutFourth(rgba);
    const captured = performance.now();
    const prior = this.prior?.length === width * height ? this.prior : null;
    let alpha = await network.run(rgb, prior);
    if (network.takesPrior) this.prior = alpha;
    else alpha = this.smoother.push(alpha);
    const predicted = performance.now();
    const size = { width: frame.displayWidth ?? frame.width, height: frame.displayHeight ?? frame.height };
    const matte = { alpha, rgba, width, height };
    this.compositor ??= chooseCompositor(this.canvas, this.settings.compositor, frame, size, matte, this.settings);
    this.compositor.draw(frame, size, matte, this.settings);
    await this.emit(frame);
    this.count(captured - started, predicted - captured, performance.now() - predicted);
  }

  /** Writes what is shown to the sink: a recording's or call's track. */
  async emit(frame) {
    if (!this.sink) return;
    const timestamp = frame.timestamp ?? performance.now() * 1000;
    const shown = new VideoFrame(this.canvas, { timestamp });
    try {
      await this.sink.write(shown);
    } catch {
      this.sink = null; // the track was stopped
    } finally {
      shown.close();
    }
  }

  count(capture, model, composite) {
    this.frames++;
    this.sums.capture += capture;
    this.sums.model += model;
    this.sums.composite += composite;
    const now = performance.now();
    if (now - this.since < REPORT_EVERY) return;
    const { frames, sums } = this;
    const { threads, accelerator } = this.network();
    this.report({
      fps: (1000 * frames) / (now - this.since),
      capture: sums.capture / frames,
      model: sums.model / frames,
      composite: sums.composite / frames,
      compositor: this.compositor.name,
      compositorMilliseconds: this.compositor.timed,
      accelerator,
      threads,
    });
    this.frames = 0;
    this.sums = { capture: 0, model: 0, composite: 0 };
    this.since = now;
  }

  stop() {
    this.running = false;
    this.reader?.cancel().catch(() => {});
    this.sink?.close().catch(() => {});
  }
}

/** WebGL where it draws this frame in 15 ms; a canvas keeps its first kind, so another is timed. */
function chooseCompositor(canvas, wanted, frame, size, matte, settings) {
  if (wanted === "canvas") return new CanvasCompositor(canvas);
  let timed = null;
  if (wanted !== "webgl") {
    try {
      timed = timeWebGl(frame, size, matte, settings);
    } catch {
      timed = Infinity;
    }
  }
  const compositor =
    timed === null || timed <= SLOW_MILLISECONDS ? new WebGlCompositor(canvas) : new CanvasCompositor(canvas);
  compositor.timed = timed;
  return compositor;
}

function timeWebGl(frame, size, matte, settings) {
  const trial = new WebGlCompositor(new OffscreenCanvas(1, 1));
  const times = [];
  for (let turn = 0; turn < 4; turn++) {
    const started = performance.now();
    trial.draw(frame, size, matte, settings);
    trial.finish();
    times.push(performance.now() - started);
    if (times[turn] > 20 * SLOW_MILLISECONDS) break;
  }
  trial.release();
  return Math.min(...(times.length > 1 ? times.slice(1) : times)); // the first compiles the shaders
}

function withoutFourth(rgba) {
  const rgb = new Uint8Array((rgba.length / 4) * 3);
  for (let from = 0, to = 0; to < rgb.length; from += 4, to += 3) {
    rgb[to] = rgba[from];
    rgb[to + 1] = rgba[from + 1];
    rgb[to + 2] = rgba[from + 2];
  }
  return rgb;
}
