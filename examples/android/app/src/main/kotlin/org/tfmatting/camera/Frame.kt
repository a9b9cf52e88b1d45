package org.tfmatting.camera

import java.nio.ByteBuffer

/**
 * A camera's picture as it lies in memory, and how it is looked at: upright, and mirrored for the
 * front camera.
 *
 * @param pixels RGBA bytes, the form of CameraX's OUTPUT_IMAGE_FORMAT_RGBA_8888.
 * @param width of the buffer in pixels, before it is turned.
 * @param height of the buffer in pixels.
 * @param rowStride bytes from one row to the next; rows may be padded.
 * @param pixelStride bytes from one pixel to the next.
 * @param rotation degrees that the buffer is turned clockwise to stand upright.
 * @param mirrored whether it is shown as in a mirror, as people expect of themselves.
 */
class Frame(
    private val pixels: ByteBuffer,
    width: Int,
    height: Int,
    rowStride: Int,
    pixelStride: Int,
    rotation: Int,
    mirrored: Boolean,
) {
    /** Width and height as seen. */
    val uprightWidth: Int
    val uprightHeight: Int

    /** Byte of the upper left pixel as seen, and the steps to the right and down. */
    private val origin: Int
    private val right: Int
    private val down: Int

    init {
        require(rotation in setOf(0, 90, 180, 270)) {
            "A rotation is 0, 90, 180 or 270 degrees. Received: $rotation."
        }
        val turned = rotation == 90 || rotation == 270
        uprightWidth = if (turned) height else width
        uprightHeight = if (turned) width else height
        val lastColumn = (width - 1) * pixelStride
        val lastRow = (height - 1) * rowStride
        val corner: Int
        val across: Int
        when (rotation) {
            0 -> { corner = 0; across = pixelStride; down = rowStride }
            90 -> { corner = lastRow; across = -rowStride; down = pixelStride }
            180 -> { corner = lastColumn + lastRow; across = -pixelStride; down = -rowStride }
            else -> { corner = lastColumn; across = rowStride; down = -pixelStride }
        }
        origin = if (mirrored) corner + (uprightWidth - 1) * across else corner
        right = if (mirrored) -across else across
    }

    /** The first byte, red, of the pixel that is seen at (x, y). */
    fun offset(x: Int, y: Int): Int = origin + x * right + y * down

    /** One byte of the picture, 0..255. */
    fun byteAt(offset: Int): Int = pixels.get(offset).toInt() and 0xff
}
