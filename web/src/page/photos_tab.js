/** The tab "Photos". */

import { BackgroundChoice, element, paint, saveFile, say } from "./dom.js";

const SUFFIXES = { "image/png": "png", "image/jpeg": "jpg" };

export class PhotosTab {
  /** @param {() => Promise<object>} matting gives the library's object. */
  constructor(matting) {
    this.matting = matting;
    this.entries = [];
    this.shown = null;
    this.queue = Promise.resolve();
    this.choice = new BackgroundChoice(element("photo-background"), () => this.refresh());
    element("choose").onclick = element("more").onclick = () => element("files").click();
    element("files").onchange = ({ target }) => {
      const files = [...target.files];
      target.value = "";
      this.add(files);
    };
    element("example").onclick = async () => {
      const response = await fetch("example.jpg");
      this.add([new File([await response.blob()], "example.jpg", { type: "image/jpeg" })]);
    };
    element("save").onclick = () => this.save([this.shown]);
    element("save-all").onclick = () => this.save(this.entries);
    element("split").oninput = ({ target }) => this.setSplit(target.value);
  }

  /** Opens photos one after the other; a broken one is named and the others go on. */
  add(files) {
    this.queue = this.queue.then(() => this.addAll(files));
    return this.queue;
  }

  async addAll(files) {
    this.setBusy(true);
    const broken = [];
    for (const file of files) {
      try {
        const matting = await this.matting();
        const photo = await matting.open(file);
        const entry = { photo, name: file.name.replace(/\.[^.]*$/, "") || "photo" };
        this.entries.push(entry);
        this.addThumbnail(entry);
        await this.show(entry);
      } catch (error) {
        broken.push(`${file.name}: ${error.message}`);
      }
    }
    this.setBusy(false);
    if (broken.length) say(broken.join("; "), true);
    element("save-all").hidden = this.entries.length < 2;
  }

  async show(entry) {
    const first = !this.shown;
    this.shown = entry;
    element("welcome").hidden = true;
    element("workbench").hidden = false;
    for (const item of this.entries) item.button.setAttribute("aria-current", String(item === entry));
    await this.refresh();
    const { photo } = entry;
    const { decode, matte } = photo.milliseconds;
    element("photo-facts").textContent =
      `${photo.width} × ${photo.height}, cut out in ${((decode + matte) / 1000).toFixed(2)} s`;
    element("result").setAttribute("aria-label", `${entry.name}, the person cut out`);
    if (first) this.setSplit(50);
    element("viewer").dataset.shown = String(photo.id);
  }

  /** Draws the photo that is shown with the background that is chosen. */
  async refresh() {
    const entry = this.shown;
    if (!entry) return;
    const background = this.choice.value;
    const { result, original } = await entry.photo.preview(background);
    if (entry === this.shown && background.kind === this.choice.value.kind) {
      paint(element("result"), result);
      paint(element("original"), original);
      element("viewer").dataset.background = background.kind;
    }
    if (!entry.thumbnailed) {
      const size = 128 / Math.min(result.width, result.height);
      entry.canvas.width = result.width * size;
      entry.canvas.height = result.height * size;
      entry.canvas.getContext("2d").drawImage(result, 0, 0, entry.canvas.width, entry.canvas.height);
      entry.thumbnailed = true;
    }
    result.close();
    original.close();
  }

  /** After another model has been loaded. */
  async repeatAll() {
    if (!this.entries.length) return;
    this.setBusy(true);
    for (const entry of this.entries) {
      await entry.photo.repeat();
      entry.thumbnailed = false;
    }
    await this.refresh();
    this.setBusy(false);
  }

  async save(entries) {
    const background = this.choice.value;
    const suffix = { transparent: "cutout", matte: "matte" }[background.kind] ?? "new";
    this.setBusy(true);
    try {
      for (const { photo, name } of entries) {
        const started = performance.now();
        const blob = await photo.file(background, (part) => say(`Writing ${name} … ${Math.round(100 * part)} %`));
        const file = `${name}-${suffix}.${SUFFIXES[blob.type]}`;
        saveFile(blob, file);
        const seconds = ((performance.now() - started) / 1000).toFixed(1);
        say(`Saved ${file}, ${photo.width} × ${photo.height}, ${(blob.size / 1e6).toFixed(1)} MB, in ${seconds} s.`);
      }
    } catch (error) {
      say(`Not saved: ${error.message}`, true);
    }
    this.setBusy(false);
  }

  addThumbnail(entry) {
    entry.canvas = document.createElement("canvas");
    entry.button = document.createElement("button");
    entry.button.className = "checker";
    entry.button.setAttribute("aria-label", entry.name);
    entry.button.append(entry.canvas);
    entry.button.onclick = () => this.show(entry);
    const item = document.createElement("li");
    item.append(entry.button);
    element("strip").append(item);
  }

  setSplit(percent) {
    element("split").value = percent;
    element("layers").style.setProperty("--split", `${percent}%`);
  }

  setBusy(busy) {
    element("photo-busy").hidden = !busy;
    element("viewer").setAttribute("aria-busy", String(busy));
    element("save").disabled = element("save-all").disabled = busy;
  }
}
