import CoreImage
import CoreImage.CIFilterBuiltins
import CoreVideo

/// Puts the person before another picture, on the GPU.
final class Compositor {
  // without colour management: alpha is a number and no colour
  private let context = CIContext(options: [.workingColorSpace: NSNull()])

  /// - Parameters:
  ///   - buffer: the camera's frame.
  ///   - matte: of that frame, at the network's size.
  ///   - background: of any size; nil blurs the frame itself.
  func compose(_ buffer: CVPixelBuffer, matte: Matte, background: CIImage?) -> CGImage? {
    let person = CIImage(cvPixelBuffer: buffer)
    let bytes = Data(matte.values.map { UInt8(min(max($0, 0), 1) * 255 + 0.5) })
    let small = CIImage(
      bitmapData: bytes, bytesPerRow: matte.width,
      size: CGSize(width: matte.width, height: matte.height), format: .L8, colorSpace: nil)
    let scale = CGAffineTransform(
      scaleX: person.extent.width / CGFloat(matte.width),
      y: person.extent.height / CGFloat(matte.height))
    let blend = CIFilter.blendWithMask()
    blend.inputImage = person
    blend.maskImage = small.samplingLinear().transformed(by: scale)
    blend.backgroundImage = (background ?? blurred(person)).cropped(to: person.extent)
    guard let result = blend.outputImage else { return nil }
    return context.createCGImage(result, from: person.extent)
  }

  private func blurred(_ picture: CIImage) -> CIImage {
    let sigma = 0.02 * max(picture.extent.width, picture.extent.height)
    return picture.clampedToExtent().applyingGaussianBlur(sigma: sigma)
  }
}
