/// A month of UTC, which is what a partition of the store holds.
package struct StoreMonth: Hashable, Comparable, Sendable {
    package let year: Int
    package let month: Int

    /// - Parameter time: RFC 3339, of which the first seven characters count.
    /// - Returns: nil when there is no such month.
    package init?(time: String) {
        let parts = time.prefix(7).split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].utf8.count == 4, parts[1].utf8.count == 2, let year = Int(parts[0]),
            let month = Int(parts[1]), year > 0, 1...12 ~= month
        else { return nil }
        self.init(year: year, month: month)
    }

    private init(year: Int, month: Int) {
        self.year = year
        self.month = month
    }

    private var next: StoreMonth {
        month == 12 ? StoreMonth(year: year + 1, month: 1) : StoreMonth(year: year, month: month + 1)
    }

    /// The end of a partition's name: `202611`.
    package var suffix: String { Self.padded(year, 4) + Self.padded(month, 2) }

    /// When it begins, and when the next one does.
    package var bounds: (from: String, to: String) { (start, next.start) }

    private var start: String { "\(Self.padded(year, 4))-\(Self.padded(month, 2))-01T00:00:00Z" }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    package static func < (left: StoreMonth, right: StoreMonth) -> Bool {
        (left.year, left.month) < (right.year, right.month)
    }
}
