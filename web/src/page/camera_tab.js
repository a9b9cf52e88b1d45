/** The tab "Camera". */

import { BackgroundChoice, element, saveFile, say } from "./dom.js";

const PROBLEMS = {
  NotAllowedError: "The browser was not allowed to use the camera. Allow it in the address bar.",
  NotFoundError: "No camera was found.",
  NotReadableError: "Another program uses the camera.",
};

export class CameraTab {
  /** @param {() => Promise<object>} matting gives the library's object. */
  constructor(matting) {
    this.matting = matting;
    this.camera = null;
    this.choice = new BackgroundChoice(element("camera-background"), (background) => this.set({ background }));
    element("start").onclick = () => this.start();
    element("stop").onclick = () => this.stop();
    element("mirror").onchange = ({ target }) => this.set({ mirror: target.checked });
    element("side-by-side").onchange = ({ target }) => this.set({ sideBySide: target.checked });
    element("blur").oninput = ({ target }) => this.set({ blur: target.value / 1000 });
    element("device").onchange = () => this.start();
    element("snapshot").onclick = async () => {
      saveFile(await this.camera.snapshot(), `snapshot-${stamp()}.png`);
      say("Snapshot saved.");
    };
    element("record").onclick = () => this.toggleRecording();
  }

  set(settings) {
    this.camera?.set(settings);
  }

  async start() {
    await this.stop();
    if (!navigator.mediaDevices) {
      say("The camera needs HTTPS (or this computer's own address, localhost).", true);
      return;
    }
    element("start").disabled = true;
    try {
      const chosen = element("device").value;
      const stream = await navigator.mediaDevices.getUserMedia({
        video: {
          deviceId: chosen ? { exact: chosen } : undefined,
          facingMode: chosen ? undefined : "user",
          width: { ideal: 1280 },
          height: { ideal: 720 },
          frameRate: { ideal: 30 },
        },
      });
      await this.show(stream);
      await this.fillDevices(stream);
    } catch (error) {
      say(PROBLEMS[error.name] ?? `The camera: ${error.message}`, true);
    }
    element("start").disabled = false;
  }

  async show(stream) {
    const matting = await this.matting();
    const canvas = document.createElement("canvas"); // its control is given away for good
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", "The camera's picture with another background");
    element("camera-welcome").hidden = true;
    element("camera-stage").prepend(canvas);
    this.canvas = canvas;
    this.camera = await matting.camera(canvas, stream, {
      background: this.choice.value,
      mirror: element("mirror").checked,
      sideBySide: element("side-by-side").checked,
      blur: element("blur").value / 1000,
    });
    this.camera.onfigures = (figures) => this.showFigures(figures);
    this.camera.onfailure = (message) => say(`The camera: ${message}`, true);
    for (const id of ["snapshot", "record", "stop"]) element(id).disabled = false;
    say("The camera is on.");
  }

  showFigures({ fps, capture, model, composite, compositor, accelerator, threads }) {
    const output = element("figures");
    output.hidden = false;
    output.textContent = `${fps.toFixed(0)} frames/s · ${(capture + model + composite).toFixed(0)} ms`;
    const place = accelerator === "webgpu" ? "WebGPU" : `${threads} thread${threads > 1 ? "s" : ""}`;
    output.title = `capture ${capture.toFixed(1)}, model ${model.toFixed(1)} (${place}), drawing ${composite.toFixed(1)} ms (${compositor})`;
    Object.assign(output.dataset, { fps, capture, model, composite, compositor });
  }

  async fillDevices(stream) {
    const devices = await navigator.mediaDevices.enumerateDevices();
    const cameras = devices.filter(({ kind }) => kind === "videoinput");
    const select = element("device");
    const current = stream.getVideoTracks()[0].getSettings().deviceId;
    select.replaceChildren(
      ...cameras.map(({ deviceId, label }, index) => new Option(label || `Camera ${index + 1}`, deviceId)),
    );
    select.value = current;
    element("device-row").hidden = cameras.length < 2;
  }

  async toggleRecording() {
    const button = element("record");
    if (this.stopRecording) {
      const film = await this.stopRecording();
      this.stopRecording = null;
      saveFile(film, `recording-${stamp()}.${film.type.split("/")[1]}`);
      say(`Recording saved, ${(film.size / 1e6).toFixed(1)} MB.`);
    } else {
      this.stopRecording = await this.camera.record();
      say("Recording …");
    }
    button.setAttribute("aria-pressed", String(Boolean(this.stopRecording)));
    button.textContent = this.stopRecording ? "Stop recording" : "Record";
  }

  async stop() {
    if (!this.camera) return;
    if (this.stopRecording) await this.toggleRecording();
    const { camera } = this;
    this.camera = null;
    await camera.stop();
    this.canvas.remove();
    element("camera-welcome").hidden = false;
    element("figures").hidden = true;
    for (const id of ["snapshot", "record", "stop"]) element(id).disabled = true;
    say("The camera is off.");
  }
}

function stamp() {
  return new Date().toISOString().slice(0, 19).replaceAll(":", "-");
}
