package org.tfmatting.camera

import java.nio.ByteBuffer
import kotlin.math.roundToInt

/** How a tensor stores numbers. Scale and zero point are the file's own; floats have none. */
class Quantization(val type: Type, val scale: Float, val zeroPoint: Int) {
    enum class Type(val bytes: Int, val lowest: Int, val highest: Int) {
        FLOAT32(4, 0, 0),
        UINT8(1, 0, 255),
        INT8(1, -128, 127),
    }

    init {
        require(type == Type.FLOAT32 || scale > 0) {
            "A tensor of 8 bits has a scale above 0. Received: $scale."
        }
    }

    /** Write numbers from the buffer's start; it is in native byte order. */
    fun write(values: FloatArray, buffer: ByteBuffer) {
        buffer.rewind()
        for (value in values) {
            if (type == Type.FLOAT32) {
                buffer.putFloat(value)
            } else {
                val stored = (value / scale).roundToInt() + zeroPoint
                buffer.put(stored.coerceIn(type.lowest, type.highest).toByte())
            }
        }
        buffer.rewind()
    }

    /** Read the buffer from its start into `values`. */
    fun read(buffer: ByteBuffer, values: FloatArray) {
        buffer.rewind()
        for (index in values.indices) {
            values[index] = when (type) {
                Type.FLOAT32 -> buffer.getFloat()
                Type.UINT8 -> ((buffer.get().toInt() and 0xff) - zeroPoint) * scale
                Type.INT8 -> (buffer.get() - zeroPoint) * scale
            }
        }
    }
}
