package org.tfmatting.camera

import android.graphics.Bitmap
import android.os.SystemClock
import androidx.camera.core.ImageAnalysis
import androidx.camera.core.ImageProxy

/**
 * Mattes each frame that CameraX hands over, on CameraX's thread for analysis.
 *
 * @param mirrored whether the camera faces the user.
 * @param show receives a picture that is the callee's to keep, and the milliseconds of the network
 *     and of the whole frame. Called on the analysis thread.
 */
class MattingAnalyzer(
    private val segmenter: Segmenter,
    private val mirrored: Boolean,
    private val background: Int,
    private val show: (Bitmap, Long, Long) -> Unit,
) : ImageAnalysis.Analyzer {
    private var pixels = IntArray(0)

    override fun analyze(image: ImageProxy) {
        // while a frame is open CameraX keeps the newest and drops the others: closed, the next comes
        image.use {
            val begun = SystemClock.elapsedRealtime()
            val plane = it.planes[0]
            val frame = Frame(
                plane.buffer, it.width, it.height, plane.rowStride, plane.pixelStride,
                it.imageInfo.rotationDegrees, mirrored,
            )
            val matte = segmenter.matteOf(frame)
            val inferred = SystemClock.elapsedRealtime()
            val size = frame.uprightWidth * frame.uprightHeight
            if (pixels.size != size) pixels = IntArray(size)
            compose(frame, matte, background, pixels)
            val picture = Bitmap.createBitmap(
                pixels, frame.uprightWidth, frame.uprightHeight, Bitmap.Config.ARGB_8888,
            )
            show(picture, inferred - begun, SystemClock.elapsedRealtime() - begun)
        }
    }
}
