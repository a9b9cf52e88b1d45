import Foundation

/// How a tensor stores numbers. Scale and zero point are the file's own; floats have none.
struct Quantization: Equatable {
  enum Kind: Equatable {
    case float32
    case uint8(scale: Float, zeroPoint: Int)
  }

  let kind: Kind

  /// The bytes of numbers.
  func data(of values: [Float]) -> Data {
    switch kind {
    case .float32:
      return values.withUnsafeBufferPointer { Data(buffer: $0) }
    case .uint8(let scale, let zeroPoint):
      return Data(
        values.map { value in
          UInt8(min(max(Int((value / scale).rounded()) + zeroPoint, 0), 255))
        })
    }
  }

  /// The numbers of bytes.
  func values(of data: Data) -> [Float] {
    switch kind {
    case .float32:
      return data.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
    case .uint8(let scale, let zeroPoint):
      return data.map { Float(Int($0) - zeroPoint) * scale }
    }
  }
}
