package org.tfmatting.camera

import android.content.res.AssetManager
import java.io.Closeable
import java.io.FileInputStream
import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.nio.channels.FileChannel
import org.tensorflow.lite.DataType
import org.tensorflow.lite.Interpreter
import org.tensorflow.lite.Tensor

/**
 * The network in LiteRT. Size, number type, scale and zero point are read from the file, so any
 * `.tflite` file of tfmatting fits. It normalises pixels itself: it takes RGB 0..255.
 *
 * One thread at a time may call it.
 */
class Segmenter(assets: AssetManager, name: String, threads: Int) : Closeable {
    private val interpreter: Interpreter
    private val average: AreaAverage
    private val input: ByteBuffer
    private val output: ByteBuffer
    private val inputForm: Quantization
    private val outputForm: Quantization
    private val matte: Matte

    init {
        interpreter = Interpreter(mapped(assets, name), Interpreter.Options().setNumThreads(threads))
        // by name: the order of a file's tensors means nothing
        val image = interpreter.getInputTensorFromSignature(IMAGE, SIGNATURE)
        val alpha = interpreter.getOutputTensorFromSignature(ALPHA, SIGNATURE)
        val (_, height, width, channels) = image.shape()
        require(channels == 3) { "$name takes $channels channels; the camera gives 3." }
        average = AreaAverage(width, height)
        inputForm = formOf(image)
        outputForm = formOf(alpha)
        input = direct(image.numBytes())
        output = direct(alpha.numBytes())
        matte = Matte(FloatArray(alpha.numElements()), alpha.shape()[2], alpha.shape()[1])
    }

    /** The matte of a frame. The next call overwrites it. */
    fun matteOf(frame: Frame): Matte {
        inputForm.write(average.shrink(frame), input)
        output.rewind()
        interpreter.runSignature(mapOf(IMAGE to input), mapOf(ALPHA to output), SIGNATURE)
        outputForm.read(output, matte.values)
        return matte
    }

    override fun close() = interpreter.close()

    private companion object {
        const val IMAGE = "image"
        const val ALPHA = "alpha"
        const val SIGNATURE = "serving_default"

        fun direct(bytes: Int): ByteBuffer =
            ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder())

        fun formOf(tensor: Tensor): Quantization {
            val stored = tensor.quantizationParams()
            return when (val type = tensor.dataType()) {
                DataType.FLOAT32 -> Quantization(Quantization.Type.FLOAT32, 1f, 0)
                DataType.UINT8 ->
                    Quantization(Quantization.Type.UINT8, stored.scale, stored.zeroPoint)
                DataType.INT8 ->
                    Quantization(Quantization.Type.INT8, stored.scale, stored.zeroPoint)
                else -> error("A tensor of $type is not known here.")
            }
        }

        fun mapped(assets: AssetManager, name: String): ByteBuffer =
            assets.openFd(name).use { file ->
                FileInputStream(file.fileDescriptor).channel.use { channel ->
                    channel.map(
                        FileChannel.MapMode.READ_ONLY,
                        file.startOffset,
                        file.declaredLength,
                    )
                }
            }
    }
}
