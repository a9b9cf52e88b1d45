import AVFoundation
import UIKit

/// Shows the user before a blurred background, as the camera sees it.
final class CameraViewController: UIViewController {
  private let picture = UIImageView()
  private let message = UILabel()
  private let compositor = Compositor()
  private var segmenter: Segmenter?
  private var position = AVCaptureDevice.Position.front
  private lazy var camera = Camera { [weak self] in self?.show($0) }

  override func viewDidLoad() {
    super.viewDidLoad()
    view.backgroundColor = .black
    picture.contentMode = .scaleAspectFit
    message.textColor = .white
    message.numberOfLines = 0
    for part in [picture, message] {
      part.frame = view.bounds
      part.autoresizingMask = [.flexibleWidth, .flexibleHeight]
      view.addSubview(part)
    }
    view.addGestureRecognizer(UITapGestureRecognizer(target: self, action: #selector(switchCamera)))
    do {
      segmenter = try Segmenter(model: "portrait_int8", threads: 4)
    } catch {
      message.text = error.localizedDescription
      return
    }
    AVCaptureDevice.requestAccess(for: .video) { granted in
      DispatchQueue.main.async { granted ? self.start() : self.explainRefusal() }
    }
  }

  override func viewWillDisappear(_ animated: Bool) {
    super.viewWillDisappear(animated)
    camera.stop()
  }

  @objc private func switchCamera() {
    position = position == .front ? .back : .front
    start()
  }

  private func start() {
    do {
      try camera.start(position)
    } catch {
      message.text = error.localizedDescription
    }
  }

  private func explainRefusal() {
    message.text = "The camera is needed to show you. Allow it in the settings."
  }

  /// On the camera's queue, one frame at a time.
  private func show(_ buffer: CVPixelBuffer) {
    CVPixelBufferLockBaseAddress(buffer, .readOnly)
    defer { CVPixelBufferUnlockBaseAddress(buffer, .readOnly) }
    guard let segmenter, let base = CVPixelBufferGetBaseAddress(buffer) else { return }
    let frame = Frame(
      pixels: UnsafePointer(base.assumingMemoryBound(to: UInt8.self)),
      width: CVPixelBufferGetWidth(buffer), height: CVPixelBufferGetHeight(buffer),
      bytesPerRow: CVPixelBufferGetBytesPerRow(buffer))
    do {
      let matte = try segmenter.matte(of: frame)
      guard let result = compositor.compose(buffer, matte: matte, background: nil) else { return }
      DispatchQueue.main.async { self.picture.image = UIImage(cgImage: result) }
    } catch {
      DispatchQueue.main.async { self.message.text = error.localizedDescription }
    }
  }
}
