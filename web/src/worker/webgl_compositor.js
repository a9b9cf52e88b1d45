/** Draws the person before another background on the GPU. */

import { coveringPart } from "../imaging/backdrop.js";
import { BLUR, COMPOSE, VERTEX, WEIGH } from "./shaders.js";

const BLUR_SHRINK = 4;
const FAR = 4; // how much wider the blur is that fills the person's place

export class WebGlCompositor {
  /** @throws {Error} no WebGL 2. */
  constructor(canvas) {
    this.name = "webgl";
    this.canvas = canvas;
    const gl = canvas.getContext("webgl2", { alpha: true, antialias: false, preserveDrawingBuffer: true });
    if (!gl) throw new Error("no WebGL 2");
    this.gl = gl;
    this.half = Boolean(gl.getExtension("EXT_color_buffer_float"));
    this.programs = {
      weigh: program(gl, WEIGH),
      blur: program(gl, BLUR),
      compose: program(gl, COMPOSE),
    };
    this.textures = {};
    for (const name of ["frame", "alpha", "guide", "picture"]) this.textures[name] = texture(gl);
    this.targets = {};
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
  }

  /** Parameters as `CanvasCompositor.draw`. */
  draw(frame, { width, height }, matte, settings) {
    const { gl, textures } = this;
    const { background, mirror, sideBySide, blur } = settings;
    const fullWidth = sideBySide ? 2 * width : width;
    if (this.canvas.width !== fullWidth) this.canvas.width = fullWidth;
    if (this.canvas.height !== height) this.canvas.height = height;
    upload(gl, textures.frame, frame);
    uploadMatte(gl, textures, matte);
    this.blurBackground(width, height, blur);
    if (background.kind === "picture" && background.bitmap !== this.picture) {
      this.picture = background.bitmap;
      upload(gl, textures.picture, background.bitmap);
    }
    const { compose } = this.programs;
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    gl.useProgram(compose.program);
    const names = ["frame", "alpha", "guide", "picture"].map((name) => textures[name]);
    [...names, this.targets.near.texture, this.targets.far.texture].forEach((item, unit) => {
      gl.activeTexture(gl.TEXTURE0 + unit);
      gl.bindTexture(gl.TEXTURE_2D, item);
    });
    ["frame", "alpha", "guide", "picture", "near", "far"].forEach((name, unit) => {
      gl.uniform1i(compose.at(name), unit);
    });
    gl.uniform1i(compose.at("mirror"), mirror ? 1 : 0);
    gl.uniform1i(compose.at("kind"), ["transparent", "colour", "picture", "blur"].indexOf(background.kind));
    gl.uniform3fv(compose.at("colour"), background.kind === "colour" ? unitColour(background.colour) : [0, 0, 0]);
    const part = background.kind === "picture" ? partOf(background.bitmap, height, width) : [0, 0, 1, 1];
    gl.uniform4fv(compose.at("part"), part);
    gl.uniform2f(compose.at("matteSize"), matte.width, matte.height);
    if (sideBySide) {
      gl.uniform1i(compose.at("original"), 1);
      gl.viewport(0, 0, width, height);
      gl.drawArrays(gl.TRIANGLES, 0, 3);
    }
    gl.uniform1i(compose.at("original"), 0);
    gl.viewport(sideBySide ? width : 0, 0, width, height);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
  }

  /** Normalised convolution: colours weighted by what is surely background, and the weights. */
  blurBackground(width, height, strength) {
    const { gl, programs, textures } = this;
    const w = Math.max(1, Math.round(width / BLUR_SHRINK)), h = Math.max(1, Math.round(height / BLUR_SHRINK));
    for (const name of ["first", "second", "near", "far"]) this.targets[name] = this.target(name, w, h);
    const { first, second, near, far } = this.targets;
    gl.viewport(0, 0, w, h);
    this.pass(programs.weigh, first, { frame: textures.frame, alpha: textures.alpha });
    const sigma = strength * Math.max(w, h);
    const blur = (from, to, step) => {
      const source = { source: from.texture };
      this.pass(programs.blur, second, source, [step / w, 0]);
      this.pass(programs.blur, to, { source: second.texture }, [0, step / h]);
    };
    blur(first, near, sigma / 2);
    blur(near, far, (sigma / 2) * FAR);
  }

  pass({ program, at }, target, sources, step) {
    const { gl } = this;
    gl.bindFramebuffer(gl.FRAMEBUFFER, target.framebuffer);
    gl.useProgram(program);
    Object.entries(sources).forEach(([name, item], unit) => {
      gl.activeTexture(gl.TEXTURE0 + unit);
      gl.bindTexture(gl.TEXTURE_2D, item);
      gl.uniform1i(at(name), unit);
    });
    if (step) gl.uniform2fv(at("step_"), step);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
  }

  target(name, width, height) {
    const { gl } = this;
    const old = this.targets[name];
    if (old?.width === width && old.height === height) return old;
    const item = old?.texture ?? texture(gl);
    gl.bindTexture(gl.TEXTURE_2D, item);
    const [inside, type] = this.half ? [gl.RGBA16F, gl.HALF_FLOAT] : [gl.RGBA8, gl.UNSIGNED_BYTE];
    gl.texImage2D(gl.TEXTURE_2D, 0, inside, width, height, 0, gl.RGBA, type, null);
    const framebuffer = old?.framebuffer ?? gl.createFramebuffer();
    gl.bindFramebuffer(gl.FRAMEBUFFER, framebuffer);
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, item, 0);
    return { texture: item, framebuffer, width, height };
  }

  /** Waits for the GPU: what is timed has then been drawn. */
  finish() {
    const { gl } = this;
    gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(4));
  }

  release() {
    this.gl.getExtension("WEBGL_lose_context")?.loseContext();
  }
}

function program(gl, fragment) {
  const result = gl.createProgram();
  for (const [type, text] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, fragment]]) {
    const shader = gl.createShader(type);
    gl.shaderSource(shader, text);
    gl.compileShader(shader);
    gl.attachShader(result, shader);
  }
  gl.linkProgram(result);
  if (!gl.getProgramParameter(result, gl.LINK_STATUS)) {
    throw new Error(`a shader does not link: ${gl.getProgramInfoLog(result)}`);
  }
  const places = {};
  const at = (name) => (places[name] ??= gl.getUniformLocation(result, name));
  return { program: result, at };
}

function texture(gl) {
  const result = gl.createTexture();
  gl.bindTexture(gl.TEXTURE_2D, result);
  for (const side of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T]) gl.texParameteri(gl.TEXTURE_2D, side, gl.CLAMP_TO_EDGE);
  for (const way of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(gl.TEXTURE_2D, way, gl.LINEAR);
  return result;
}

function upload(gl, item, picture) {
  gl.bindTexture(gl.TEXTURE_2D, item);
  gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, picture);
}

function uploadMatte(gl, textures, { alpha, rgba, width, height }) {
  const bytes = Uint8Array.from(alpha, (value) => 255 * value + 0.5);
  gl.bindTexture(gl.TEXTURE_2D, textures.alpha);
  gl.texImage2D(gl.TEXTURE_2D, 0, gl.R8, width, height, 0, gl.RED, gl.UNSIGNED_BYTE, bytes);
  gl.bindTexture(gl.TEXTURE_2D, textures.guide);
  gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, width, height, 0, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(rgba.buffer, rgba.byteOffset, rgba.length));
}

function unitColour(colour) {
  return [1, 3, 5].map((start) => parseInt(colour.slice(start, start + 2), 16) / 255);
}

function partOf(bitmap, height, width) {
  const part = coveringPart(bitmap, height, width);
  return [part.x / bitmap.width, part.y / bitmap.height, part.width / bitmap.width, part.height / bitmap.height];
}
