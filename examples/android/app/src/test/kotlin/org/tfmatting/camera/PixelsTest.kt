package org.tfmatting.camera

import java.nio.ByteBuffer
import java.nio.ByteOrder
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertThrows
import org.junit.Test

/** Rotation, mirror, averaging and 8-bit numbers, on the computer: they use nothing of Android. */
class PixelsTest {
    /** 3x2 pixels whose red is 10 * row + column, in rows that are padded by 4 bytes. */
    private fun frame(rotation: Int, mirrored: Boolean = false): Frame {
        val stride = 3 * 4 + 4
        val pixels = ByteBuffer.allocate(2 * stride)
        for (row in 0..1) {
            for (column in 0..2) {
                pixels.put(row * stride + column * 4, (10 * row + column).toByte())
                pixels.put(row * stride + column * 4 + 2, 200.toByte())
            }
        }
        return Frame(pixels, 3, 2, stride, 4, rotation, mirrored)
    }

    private fun reds(frame: Frame): List<List<Int>> =
        (0 until frame.uprightHeight).map { y ->
            (0 until frame.uprightWidth).map { x -> frame.byteAt(frame.offset(x, y)) }
        }

    @Test
    fun buffersAreTurnedClockwise() {
        assertEquals(listOf(listOf(0, 1, 2), listOf(10, 11, 12)), reds(frame(0)))
        assertEquals(listOf(listOf(10, 0), listOf(11, 1), listOf(12, 2)), reds(frame(90)))
        assertEquals(listOf(listOf(12, 11, 10), listOf(2, 1, 0)), reds(frame(180)))
        assertEquals(listOf(listOf(2, 12), listOf(1, 11), listOf(0, 10)), reds(frame(270)))
    }

    @Test
    fun theMirrorTurnsWhatIsSeen() {
        assertEquals(listOf(listOf(2, 1, 0), listOf(12, 11, 10)), reds(frame(0, true)))
        assertEquals(listOf(listOf(0, 10), listOf(1, 11), listOf(2, 12)), reds(frame(90, true)))
    }

    @Test
    fun otherRotationsAreRefused() {
        assertThrows(IllegalArgumentException::class.java) { frame(45) }
    }

    @Test
    fun areasAreAveragedByTheirShare() {
        // 3 columns to 2: each takes one whole column and half of the middle one
        val values = AreaAverage(2, 1).shrink(frame(0))
        assertEquals(5 + 1f / 3, values[0], 1e-4f)
        assertEquals(5 + 5f / 3, values[3], 1e-4f)
        assertEquals(200f, values[2], 1e-3f)
    }

    @Test
    fun numbersOfEightBitsAreRoundedAndClipped() {
        val buffer = ByteBuffer.allocate(4).order(ByteOrder.nativeOrder())
        val form = Quantization(Quantization.Type.INT8, 1f, -128)
        form.write(floatArrayOf(0f, 127.6f, 255f, 300f), buffer)
        assertArrayEquals(byteArrayOf(-128, 0, 127, 127), buffer.array())
        val values = FloatArray(4)
        Quantization(Quantization.Type.UINT8, 1f / 255, 0).read(buffer, values)
        assertEquals(128f / 255, values[0], 1e-6f)
    }

    @Test
    fun thePersonStandsBeforeTheColour() {
        val into = IntArray(6)
        compose(frame(90), Matte(floatArrayOf(1f, 0f), 2, 1), 0x204060, into)
        assertEquals(0xff0a00c8.toInt(), into[0])
        assertEquals(0xff204060.toInt(), into[1])
    }
}
