import Foundation
import TensorFlowLite

/// A matte as the network gives it, row after row: 0 background, 1 person.
struct Matte {
  let values: [Float]
  let width: Int
  let height: Int
}

enum SegmenterError: LocalizedError {
  case missing(String)
  case unknownTensor(String)

  var errorDescription: String? {
    switch self {
    case .missing(let name): return "\(name).tflite is not in the bundle."
    case .unknownTensor(let what): return "The model is no matting model of tfmatting: \(what)."
    }
  }
}

/// The network in LiteRT (its Swift package is still named TensorFlow Lite). Size, number type, scale
/// and zero point are read from the file, so any `.tflite` file of tfmatting without a prior alpha
/// fits. It normalises pixels itself: it takes RGB 0...255.
///
/// One thread at a time may call it.
final class Segmenter {
  private let interpreter: Interpreter
  private let average: AreaAverage
  private let inputForm: Quantization
  private let outputForm: Quantization
  private let outputSize: (width: Int, height: Int)

  init(model: String, threads: Int) throws {
    guard let path = Bundle.main.path(forResource: model, ofType: "tflite") else {
      throw SegmenterError.missing(model)
    }
    var options = Interpreter.Options()
    options.threadCount = threads
    interpreter = try Interpreter(modelPath: path, options: options)
    try interpreter.allocateTensors()
    guard interpreter.inputTensorCount == 1, interpreter.outputTensorCount == 1 else {
      throw SegmenterError.unknownTensor("it has more than one input or output")
    }
    let image = try interpreter.input(at: 0)
    let alpha = try interpreter.output(at: 0)
    let (taken, given) = (image.shape.dimensions, alpha.shape.dimensions)
    guard taken.count == 4, taken[3] == 3, given.count == 4, given[3] == 1 else {
      throw SegmenterError.unknownTensor("shapes \(taken) and \(given)")
    }
    average = AreaAverage(width: taken[2], height: taken[1])
    outputSize = (given[2], given[1])
    inputForm = try Segmenter.form(of: image)
    outputForm = try Segmenter.form(of: alpha)
  }

  func matte(of frame: Frame) throws -> Matte {
    try interpreter.copy(inputForm.data(of: average.shrink(frame)), toInputAt: 0)
    try interpreter.invoke()
    let values = outputForm.values(of: try interpreter.output(at: 0).data)
    return Matte(values: values, width: outputSize.width, height: outputSize.height)
  }

  private static func form(of tensor: Tensor) throws -> Quantization {
    switch tensor.dataType {
    case .float32:
      return Quantization(kind: .float32)
    case .uInt8:
      guard let stored = tensor.quantizationParameters else {
        throw SegmenterError.unknownTensor("\(tensor.name) has no scale")
      }
      return Quantization(kind: .uint8(scale: stored.scale, zeroPoint: stored.zeroPoint))
    default:
      throw SegmenterError.unknownTensor("\(tensor.name) is of type \(tensor.dataType)")
    }
  }
}
