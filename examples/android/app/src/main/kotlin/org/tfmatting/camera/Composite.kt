package org.tfmatting.camera

import kotlin.math.floor

/** A matte as the network gives it: `values[height * width]`, 0 background, 1 person. */
class Matte(val values: FloatArray, val width: Int, val height: Int) {
    /** Alpha at a point of the whole picture; x and y run from 0 to 1. Bilinear between centres. */
    fun at(x: Float, y: Float): Float {
        val column = (x * width - 0.5f).coerceIn(0f, width - 1f)
        val row = (y * height - 0.5f).coerceIn(0f, height - 1f)
        val left = floor(column).toInt()
        val top = floor(row).toInt()
        val right = minOf(left + 1, width - 1)
        val bottom = minOf(top + 1, height - 1)
        val across = column - left
        val down = row - top
        val above = values[top * width + left] * (1 - across) + values[top * width + right] * across
        val below =
            values[bottom * width + left] * (1 - across) + values[bottom * width + right] * across
        return (above * (1 - down) + below * down).coerceIn(0f, 1f)
    }
}

/**
 * Put the person before a colour.
 *
 * @param background 0xRRGGBB.
 * @param into receives 0xAARRGGBB of the upright picture, row after row.
 */
fun compose(frame: Frame, matte: Matte, background: Int, into: IntArray) {
    val width = frame.uprightWidth
    val height = frame.uprightHeight
    require(into.size == width * height) { "The picture has ${width * height} pixels." }
    val red = background shr 16 and 0xff
    val green = background shr 8 and 0xff
    val blue = background and 0xff
    for (y in 0 until height) {
        for (x in 0 until width) {
            val alpha = matte.at((x + 0.5f) / width, (y + 0.5f) / height)
            val offset = frame.offset(x, y)
            val r = mix(frame.byteAt(offset), red, alpha)
            val g = mix(frame.byteAt(offset + 1), green, alpha)
            val b = mix(frame.byteAt(offset + 2), blue, alpha)
            into[y * width + x] = (0xff shl 24) or (r shl 16) or (g shl 8) or b
        }
    }
}

private fun mix(person: Int, background: Int, alpha: Float): Int =
    (person * alpha + background * (1 - alpha) + 0.5f).toInt()
