package org.tfmatting.camera

import android.Manifest
import android.content.pm.PackageManager
import android.os.Bundle
import android.util.Size
import android.widget.Button
import android.widget.ImageView
import android.widget.TextView
import androidx.activity.result.contract.ActivityResultContracts
import androidx.appcompat.app.AppCompatActivity
import androidx.camera.core.CameraSelector
import androidx.camera.core.ImageAnalysis
import androidx.camera.core.resolutionselector.ResolutionSelector
import androidx.camera.core.resolutionselector.ResolutionStrategy
import androidx.camera.lifecycle.ProcessCameraProvider
import androidx.core.content.ContextCompat
import java.util.concurrent.ExecutorService
import java.util.concurrent.Executors

/** Shows the user before a plain background, as the camera sees it. */
class MainActivity : AppCompatActivity() {
    private val analysis: ExecutorService = Executors.newSingleThreadExecutor()
    private lateinit var segmenter: Segmenter
    private lateinit var picture: ImageView
    private lateinit var speed: TextView
    private var selector = CameraSelector.DEFAULT_FRONT_CAMERA

    private val permission =
        registerForActivityResult(ActivityResultContracts.RequestPermission()) { granted ->
            if (granted) start() else speed.setText(R.string.camera_refused)
        }

    override fun onCreate(state: Bundle?) {
        super.onCreate(state)
        setContentView(R.layout.activity_main)
        picture = findViewById(R.id.picture)
        speed = findViewById(R.id.speed)
        segmenter = Segmenter(assets, MODEL, THREADS)
        findViewById<Button>(R.id.switch_camera).setOnClickListener {
            selector = if (facesUser()) {
                CameraSelector.DEFAULT_BACK_CAMERA
            } else {
                CameraSelector.DEFAULT_FRONT_CAMERA
            }
            start()
        }
        val granted = ContextCompat.checkSelfPermission(this, Manifest.permission.CAMERA)
        if (granted == PackageManager.PERMISSION_GRANTED) {
            start()
        } else {
            permission.launch(Manifest.permission.CAMERA)
        }
    }

    override fun onDestroy() {
        super.onDestroy()
        // on the same thread, after the frame in work
        analysis.execute { segmenter.close() }
        analysis.shutdown()
    }

    private fun facesUser() = selector == CameraSelector.DEFAULT_FRONT_CAMERA

    private fun start() {
        val future = ProcessCameraProvider.getInstance(this)
        future.addListener({ bind(future.get()) }, ContextCompat.getMainExecutor(this))
    }

    private fun bind(provider: ProcessCameraProvider) {
        if (!provider.hasCamera(selector)) return
        val resolution = ResolutionSelector.Builder()
            .setResolutionStrategy(
                ResolutionStrategy(
                    FRAME_SIZE,
                    ResolutionStrategy.FALLBACK_RULE_CLOSEST_HIGHER_THEN_LOWER,
                )
            )
            .build()
        val frames = ImageAnalysis.Builder()
            .setResolutionSelector(resolution)
            .setOutputImageFormat(ImageAnalysis.OUTPUT_IMAGE_FORMAT_RGBA_8888)
            .setBackpressureStrategy(ImageAnalysis.STRATEGY_KEEP_ONLY_LATEST)
            .build()
        frames.setAnalyzer(
            analysis,
            MattingAnalyzer(segmenter, facesUser(), BACKGROUND) { bitmap, network, whole ->
                runOnUiThread {
                    picture.setImageBitmap(bitmap)
                    speed.text = getString(R.string.speed, network, whole)
                }
            },
        )
        provider.unbindAll()
        provider.bindToLifecycle(this, selector, frames)
    }

    private companion object {
        const val MODEL = "portrait_int8.tflite"
        const val THREADS = 4
        const val BACKGROUND = 0x2e7d32
        val FRAME_SIZE = Size(640, 480)
    }
}
