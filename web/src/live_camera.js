/** The page's end of the camera: hands the frames to the worker, and takes its picture back. */

const RECORDING_TYPES = [
  "video/mp4;codecs=avc1.42E01E",
  "video/webm;codecs=vp9",
  "video/webm;codecs=vp8",
  "video/webm",
];

export class LiveCamera {
  static async start(matting, canvas, stream, settings = {}) {
    const camera = new LiveCamera(matting, canvas, stream);
    const all = {
      background: { kind: "blur" }, mirror: true, sideBySide: false, blur: 0.02, compositor: "auto",
      ...settings,
    };
    const offscreen = canvas.transferControlToOffscreen();
    const [track] = stream.getVideoTracks();
    const { readsTracks } = await matting.call("abilities");
    const start = (more, transfer) =>
      matting.call("startCamera", { canvas: offscreen, settings: all, ...more }, [offscreen, ...transfer]);
    if ("MediaStreamTrackProcessor" in window) {
      const { readable: frames } = new MediaStreamTrackProcessor({ track });
      await start({ frames }, [frames]);
    } else if (readsTracks) {
      const copy = track.clone(); // the page keeps its own, to stop it
      await start({ track: copy }, [copy]);
    } else {
      await start({}, []);
      camera.sendFrames();
    }
    return camera;
  }

  constructor(matting, canvas, stream) {
    this.matting = matting;
    this.canvas = canvas;
    this.source = stream;
    this.running = true;
    this.stopListening = matting.listen((event) => {
      if (event.event === "frame") this.onfigures?.(event);
      if (event.event === "failure") this.onfailure?.(event.message);
    });
  }

  /** Where the worker cannot read the track, the page sends pictures; a hidden tab then pauses. */
  async sendFrames() {
    const video = document.createElement("video");
    Object.assign(video, { srcObject: this.source, muted: true, playsInline: true });
    await video.play();
    const next = async () => {
      if (!this.running) return;
      const bitmap = await createImageBitmap(video);
      await this.matting.call("frame", { bitmap }, [bitmap]);
      if ("requestVideoFrameCallback" in video) video.requestVideoFrameCallback(next);
      else setTimeout(next, 33);
    };
    next();
  }

  /** Changes settings; those left out stay. `blur` is the sigma as part of the longer side. */
  set(settings) {
    return this.matting.call("setCamera", settings);
  }

  /** What is seen as a track for a call or a recording: `MediaStream`. */
  async stream() {
    if (this.output) return this.output;
    if ("MediaStreamTrackGenerator" in window) {
      const generator = new MediaStreamTrackGenerator({ kind: "video" });
      await this.matting.call("sink", { sink: generator.writable }, [generator.writable]);
      this.output = new MediaStream([generator]);
    } else {
      this.output = this.canvas.captureStream(30);
    }
    return this.output;
  }

  /** @returns {Promise<Blob>} what is seen, PNG. */
  snapshot() {
    return this.matting.call("snapshot");
  }

  /** Records what is seen. @returns {Promise<() => Promise<Blob>>} stops, and gives the film. */
  async record() {
    const mimeType = RECORDING_TYPES.find((type) => MediaRecorder.isTypeSupported(type));
    const recorder = new MediaRecorder(await this.stream(), { mimeType, videoBitsPerSecond: 6e6 });
    const parts = [];
    recorder.ondataavailable = ({ data }) => parts.push(data);
    const stopped = new Promise((resolve) => (recorder.onstop = resolve));
    recorder.start(1000);
    return async () => {
      recorder.stop();
      await stopped;
      return new Blob(parts, { type: recorder.mimeType.split(";")[0] });
    };
  }

  async stop() {
    this.running = false;
    this.stopListening();
    for (const track of this.source.getTracks()) track.stop();
    for (const track of this.output?.getTracks() ?? []) track.stop();
    await this.matting.call("stopCamera");
  }
}
