/// Decimal text without a `String` in between: journals write many numbers a second.
package enum DecimalText {
    /// Of the largest number of 64 bits.
    private static let maximumDigits = 20

    /// - Parameter width: digits at least, filled up with zeros; 20 at most.
    package static func append(_ value: UInt64, to text: inout [UInt8], width: Int = 1) {
        precondition(width <= maximumDigits, "no number of 64 bits has so many digits")
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: maximumDigits) { digits in
            var first = maximumDigits
            var rest = value
            repeat {
                first -= 1
                digits.initializeElement(at: first, to: UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
                rest /= 10
            } while rest > 0 || maximumDigits - first < width
            text.append(contentsOf: UnsafeMutableBufferPointer(rebasing: digits[first...]))
        }
    }
}
