import AVFoundation

/// Hands over upright BGRA frames, the front camera's as in a mirror, on a queue of its own.
final class Camera: NSObject, AVCaptureVideoDataOutputSampleBufferDelegate {
  private let session = AVCaptureSession()
  private let output = AVCaptureVideoDataOutput()
  private let queue = DispatchQueue(label: "org.tfmatting.camera")
  private let handle: (CVPixelBuffer) -> Void

  init(handle: @escaping (CVPixelBuffer) -> Void) {
    self.handle = handle
    super.init()
    output.videoSettings = [kCVPixelBufferPixelFormatTypeKey as String: kCVPixelFormatType_32BGRA]
    // a frame that comes while one is in work is dropped: delay never grows
    output.alwaysDiscardsLateVideoFrames = true
    output.setSampleBufferDelegate(self, queue: queue)
  }

  func start(_ position: AVCaptureDevice.Position) throws {
    guard
      let device = AVCaptureDevice.default(.builtInWideAngleCamera, for: .video, position: position)
    else { return }
    let input = try AVCaptureDeviceInput(device: device)
    session.beginConfiguration()
    session.sessionPreset = .vga640x480
    session.inputs.forEach(session.removeInput)
    if session.canAddInput(input) { session.addInput(input) }
    if session.outputs.isEmpty, session.canAddOutput(output) { session.addOutput(output) }
    if let connection = output.connection(with: .video) {
      turnUpright(connection)
      connection.automaticallyAdjustsVideoMirroring = false
      connection.isVideoMirrored = position == .front
    }
    session.commitConfiguration()
    queue.async { if !self.session.isRunning { self.session.startRunning() } }
  }

  func stop() {
    queue.async { self.session.stopRunning() }
  }

  func captureOutput(
    _ output: AVCaptureOutput, didOutput sample: CMSampleBuffer, from connection: AVCaptureConnection
  ) {
    guard let buffer = CMSampleBufferGetImageBuffer(sample) else { return }
    handle(buffer)
  }

  private func turnUpright(_ connection: AVCaptureConnection) {
    if #available(iOS 17.0, *) {
      if connection.isVideoRotationAngleSupported(90) { connection.videoRotationAngle = 90 }
    } else if connection.isVideoOrientationSupported {
      connection.videoOrientation = .portrait
    }
  }
}
