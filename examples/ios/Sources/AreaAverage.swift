/// Which source positions make one target position, and how much each counts.
private struct Shares {
  let first: [Int]
  let weights: [[Float]]

  init(from: Int, to: Int) {
    let step = Double(from) / Double(to)
    var first: [Int] = []
    var weights: [[Float]] = []
    for target in 0..<to {
      let begin = Double(target) * step
      let end = min(Double(target + 1) * step, Double(from))
      let start = Int(begin.rounded(.down))
      let last = min(max(Int(end.rounded(.up)), start + 1), from)
      let parts = (start..<last).map { Float(min(end, Double($0 + 1)) - max(begin, Double($0))) }
      let sum = parts.reduce(0, +)
      first.append(start)
      weights.append(parts.map { $0 / sum })
    }
    self.first = first
    self.weights = weights
  }
}

/// A camera's picture in memory: BGRA bytes, upright and already mirrored by the capture connection.
struct Frame {
  let pixels: UnsafePointer<UInt8>
  let width: Int
  let height: Int
  /// Rows may be padded.
  let bytesPerRow: Int
}

/// Shrinks pictures to the network's size by averaging areas, as training did. Proportions are not
/// kept, also as in training. The shares are worked out once for each size of picture.
final class AreaAverage {
  private let width: Int
  private let height: Int
  private var sizeOfShares = (0, 0)
  private var columns = Shares(from: 1, to: 1)
  private var rows = Shares(from: 1, to: 1)

  init(width: Int, height: Int) {
    self.width = width
    self.height = height
  }

  /// Red, green and blue, 0...255, row after row: `[height * width * 3]`.
  func shrink(_ frame: Frame) -> [Float] {
    if sizeOfShares != (frame.width, frame.height) {
      columns = Shares(from: frame.width, to: width)
      rows = Shares(from: frame.height, to: height)
      sizeOfShares = (frame.width, frame.height)
    }
    var values: [Float] = []
    values.reserveCapacity(height * width * 3)
    for y in 0..<height {
      for x in 0..<width {
        var red: Float = 0
        var green: Float = 0
        var blue: Float = 0
        for (i, vertical) in rows.weights[y].enumerated() {
          let row = frame.pixels + (rows.first[y] + i) * frame.bytesPerRow
          for (j, horizontal) in columns.weights[x].enumerated() {
            let pixel = row + (columns.first[x] + j) * 4
            let weight = vertical * horizontal
            // the camera's bytes are BGRA, the network's RGB
            red += weight * Float(pixel[2])
            green += weight * Float(pixel[1])
            blue += weight * Float(pixel[0])
          }
        }
        values.append(red)
        values.append(green)
        values.append(blue)
      }
    }
    return values
  }
}
