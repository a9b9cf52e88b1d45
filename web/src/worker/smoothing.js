/**
 * Steadier mattes for networks that look at each frame alone: a running mean that gives way where
 * the matte really moves, as `tfmatting.inference.smoothing.Recurrent`.
 */
export class Recurrent {
  constructor(inertia = 0.6) {
    this.inertia = inertia;
    this.state = null;
  }

  /** @param {Float32Array} alpha @returns {Float32Array} smoothed; valid until the next call. */
  push(alpha) {
    if (this.state?.length !== alpha.length) {
      this.state = alpha.slice();
      return this.state;
    }
    for (let index = 0; index < alpha.length; index++) {
      const change = Math.abs(alpha[index] - this.state[index]);
      const weight = this.inertia * Math.max(0, 1 - 2 * change);
      this.state[index] = weight * this.state[index] + (1 - weight) * alpha[index];
    }
    return this.state;
  }
}
