import XCTest

@testable import MattingCamera

final class PixelsTests: XCTestCase {
  func testAreasAreAveragedByTheirShareAndBGRABecomesRGB() {
    // 3x2 pixels whose red is 10 * row + column and whose blue is 200, in padded rows
    var pixels = [UInt8](repeating: 0, count: 32)
    for row in 0..<2 {
      for column in 0..<3 {
        pixels[row * 16 + column * 4] = 200
        pixels[row * 16 + column * 4 + 2] = UInt8(10 * row + column)
      }
    }
    let values = pixels.withUnsafeBufferPointer {
      AreaAverage(width: 2, height: 1).shrink(
        Frame(pixels: $0.baseAddress!, width: 3, height: 2, bytesPerRow: 16))
    }
    XCTAssertEqual(values[0], 5 + 1.0 / 3, accuracy: 1e-4)
    XCTAssertEqual(values[3], 5 + 5.0 / 3, accuracy: 1e-4)
    XCTAssertEqual(values[2], 200, accuracy: 1e-3)
  }

  func testNumbersOfEightBitsAreRoundedAndClipped() {
    let pixels = Quantization(kind: .uint8(scale: 1, zeroPoint: 0))
    XCTAssertEqual([UInt8](pixels.data(of: [-3, 127.6, 300])), [0, 128, 255])
    let alpha = Quantization(kind: .uint8(scale: 1 / 255, zeroPoint: 0))
    XCTAssertEqual(alpha.values(of: Data([128]))[0], 128 / 255, accuracy: 1e-6)
  }

  func testTheShippedModelSeesNobodyInAnEmptyPicture() throws {
    let segmenter = try Segmenter(model: "portrait_int8", threads: 2)
    let grey = [UInt8](repeating: 128, count: 64 * 64 * 4)
    let matte = try grey.withUnsafeBufferPointer {
      try segmenter.matte(
        of: Frame(pixels: $0.baseAddress!, width: 64, height: 64, bytesPerRow: 256))
    }
    XCTAssertEqual(matte.values.count, matte.width * matte.height)
    XCTAssertLessThan(matte.values.reduce(0, +) / Float(matte.values.count), 0.2)
  }
}
