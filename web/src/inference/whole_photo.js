/** The matte of a picture that the network is shown as a whole. */

import { fitLinearModel, guidedRows, shrunkRows } from "../imaging/guided.js";
import { resizeRgb } from "../imaging/resize.js";

/**
 * @param source pixels, see imaging/resize.js.
 * @param network see network.js.
 * @returns {Promise<(height: number, width: number, part?: {left: number, width: number}) => Function>}
 *     what makes the row function of the matte at any size, or of some of its columns; see
 *     `guidedRows`.
 */
export async function matteWhole(source, network) {
  const { height, width } = network;
  const rgb = resizeRgb(source, height, width);
  const alpha = await network.run(rgb);
  if (source.height <= height && source.width <= width) {
    return (toHeight, toWidth, part) => shrunkRows(alpha, height, width, toHeight, toWidth, part);
  }
  const model = fitLinearModel(alpha, rgb, height, width);
  return (toHeight, toWidth, part) => guidedRows(model, toHeight, toWidth, part);
}
