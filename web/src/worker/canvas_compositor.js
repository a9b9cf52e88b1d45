/** Draws the person before another background with a 2D canvas: for machines without a quick GPU. */

import { blurBackground, coveringPart } from "../imaging/backdrop.js";

const CONTRAST = 1.25, BLUR_CELLS = 112;

export class CanvasCompositor {
  constructor(canvas) {
    this.name = "canvas";
    this.canvas = canvas;
    this.context = canvas.getContext("2d");
    this.person = new OffscreenCanvas(1, 1).getContext("2d");
    this.mask = new OffscreenCanvas(1, 1).getContext("2d");
    this.behind = new OffscreenCanvas(1, 1).getContext("2d");
  }

  /**
   * @param {CanvasImageSource} frame
   * @param {{width, height}} size of the picture that is drawn.
   * @param {{alpha: Float32Array, rgba: Uint8ClampedArray, width, height}} matte with the frame's
   *     pixels at its size.
   * @param settings `{background, mirror, sideBySide, blur}`
   */
  draw(frame, { width, height }, matte, { background, mirror, sideBySide, blur }) {
    const { context, canvas } = this;
    setSize(canvas, sideBySide ? 2 * width : width, height);
    this.drawMask(matte);
    this.drawPerson(frame, width, height);
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, canvas.width, height);
    if (sideBySide) {
      context.setTransform(mirror ? -1 : 1, 0, 0, 1, mirror ? width : 0, 0);
      context.drawImage(frame, 0, 0, width, height);
    }
    const left = sideBySide ? width : 0;
    context.setTransform(1, 0, 0, 1, left, 0);
    if (background.kind === "picture") {
      const part = coveringPart(background.bitmap, height, width);
      context.drawImage(background.bitmap, part.x, part.y, part.width, part.height, 0, 0, width, height);
    } else if (background.kind === "colour") {
      context.fillStyle = background.colour;
      context.fillRect(0, 0, width, height);
    }
    context.setTransform(mirror ? -1 : 1, 0, 0, 1, mirror ? left + width : left, 0);
    if (background.kind === "blur") {
      this.drawBlurred(matte, blur);
      context.drawImage(this.behind.canvas, 0, 0, width, height);
    }
    context.drawImage(this.person.canvas, 0, 0);
  }

  drawMask({ alpha, width, height }) {
    setSize(this.mask.canvas, width, height);
    const image = this.mask.createImageData(width, height);
    for (let index = 0; index < alpha.length; index++) {
      image.data[4 * index + 3] = 255 * (CONTRAST * (alpha[index] - 0.5) + 0.5);
    }
    this.mask.putImageData(image, 0, 0);
  }

  drawPerson(frame, width, height) {
    const { person } = this;
    setSize(person.canvas, width, height);
    person.globalCompositeOperation = "copy";
    person.drawImage(this.mask.canvas, 0, 0, width, height);
    person.globalCompositeOperation = "source-in";
    person.drawImage(frame, 0, 0, width, height);
  }

  drawBlurred({ alpha, rgba, width, height }, strength) {
    const step = Math.ceil(Math.max(width, height) / BLUR_CELLS);
    const columns = Math.floor(width / step), rows = Math.floor(height / step);
    const colour = new Float32Array(3 * columns * rows), weight = new Float32Array(columns * rows);
    for (let y = 0, at = 0; y < rows; y++) {
      for (let x = 0; x < columns; x++, at++) {
        for (let v = 0; v < step; v++) {
          for (let u = 0; u < step; u++) {
            const from = (y * step + v) * width + x * step + u;
            weight[at] = Math.max(weight[at], alpha[from]);
            for (let c = 0; c < 3; c++) colour[3 * at + c] += rgba[4 * from + c] / (step * step);
          }
        }
      }
    }
    const rgb = blurBackground(colour, weight, rows, columns, strength * columns);
    setSize(this.behind.canvas, columns, rows);
    const image = this.behind.createImageData(columns, rows);
    for (let at = 0; at < columns * rows; at++) {
      for (let c = 0; c < 3; c++) image.data[4 * at + c] = rgb[3 * at + c];
      image.data[4 * at + 3] = 255;
    }
    this.behind.putImageData(image, 0, 0);
  }
}

function setSize(canvas, width, height) {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
}
