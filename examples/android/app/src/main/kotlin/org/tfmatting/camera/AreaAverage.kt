package org.tfmatting.camera

import kotlin.math.ceil
import kotlin.math.floor
import kotlin.math.max
import kotlin.math.min

/** Which source positions make one target position, and how much each counts. */
private class Share(from: Int, to: Int) {
    val first = IntArray(to)
    val weights: Array<FloatArray>

    init {
        val step = from.toDouble() / to
        weights = Array(to) { target ->
            val begin = target * step
            val end = min((target + 1) * step, from.toDouble())
            first[target] = floor(begin).toInt()
            val last = min(max(ceil(end).toInt(), first[target] + 1), from)
            val parts = FloatArray(last - first[target]) { index ->
                val position = first[target] + index
                (min(end, position + 1.0) - max(begin, position.toDouble())).toFloat()
            }
            val sum = parts.sum()
            FloatArray(parts.size) { parts[it] / sum }
        }
    }
}

/**
 * Shrinks upright pictures to the network's size by averaging areas, as training did. Proportions
 * are not kept, also as in training. The shares are worked out once for each size of picture.
 */
class AreaAverage(private val width: Int, private val height: Int) {
    private var columns: Share? = null
    private var rows: Share? = null
    private var sizeOfShares = Pair(0, 0)

    /** @return red, green and blue, 0..255, row after row: [height * width * 3]. */
    fun shrink(frame: Frame): FloatArray {
        val size = Pair(frame.uprightWidth, frame.uprightHeight)
        if (size != sizeOfShares) {
            columns = Share(size.first, width)
            rows = Share(size.second, height)
            sizeOfShares = size
        }
        val across = columns!!
        val down = rows!!
        val values = FloatArray(height * width * 3)
        var index = 0
        for (y in 0 until height) {
            for (x in 0 until width) {
                var red = 0f
                var green = 0f
                var blue = 0f
                for ((i, vertical) in down.weights[y].withIndex()) {
                    for ((j, horizontal) in across.weights[x].withIndex()) {
                        val offset = frame.offset(across.first[x] + j, down.first[y] + i)
                        val weight = vertical * horizontal
                        red += weight * frame.byteAt(offset)
                        green += weight * frame.byteAt(offset + 1)
                        blue += weight * frame.byteAt(offset + 2)
                    }
                }
                values[index++] = red
                values[index++] = green
                values[index++] = blue
            }
        }
        return values
    }
}
