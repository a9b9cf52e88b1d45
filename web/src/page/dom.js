/** What the page's parts share. */

export function element(id) {
  return document.getElementById(id);
}

/** Writes a line that screen readers read, too. */
export function say(text, isError = false) {
  const status = element("status");
  status.textContent = text;
  status.classList.toggle("error", isError);
}

/** Saves a file under a name. */
export function saveFile(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** Draws a bitmap on a canvas of its size. */
export function paint(canvas, bitmap) {
  canvas.width = bitmap.width;
  canvas.height = bitmap.height;
  canvas.getContext("2d").drawImage(bitmap, 0, 0);
}

/**
 * A choice of backgrounds with what belongs to each (a colour, a picture).
 *
 * @param {HTMLFieldSetElement} fieldset of radio buttons, followed by `.detail` elements.
 * @param {(background: object) => void} changed
 */
export class BackgroundChoice {
  constructor(fieldset, changed) {
    this.fieldset = fieldset;
    this.changed = changed;
    this.bitmap = null;
    const panel = fieldset.parentElement;
    this.details = [...panel.querySelectorAll(".detail")];
    this.colour = panel.querySelector("input[type=color]");
    this.colour.oninput = () => this.tell();
    panel.querySelector('.detail[data-for="picture"] button').onclick = () => this.choosePicture();
    fieldset.onchange = () => {
      for (const detail of this.details) detail.hidden = detail.dataset.for !== this.kind;
      if (this.kind === "picture" && !this.bitmap) this.choosePicture();
      else this.tell();
    };
  }

  get kind() {
    return this.fieldset.querySelector("input:checked").value;
  }

  /** As the library takes it; a picture that is not chosen yet counts as none. */
  get value() {
    if (this.kind === "colour") return { kind: "colour", colour: this.colour.value };
    if (this.kind !== "picture") return { kind: this.kind };
    return this.bitmap ? { kind: "picture", bitmap: this.bitmap } : { kind: "transparent" };
  }

  tell() {
    this.changed(this.value);
  }

  choosePicture() {
    const input = element("picture");
    input.onchange = async () => {
      const [file] = input.files;
      input.value = "";
      if (!file) return;
      try {
        this.bitmap = await createImageBitmap(file, { resizeWidth: 1920, resizeQuality: "high" });
        this.tell();
      } catch {
        say(`${file.name} is not a picture that this browser can read.`, true);
      }
    };
    input.click();
  }
}
