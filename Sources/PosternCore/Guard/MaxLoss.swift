/// How much of a table may be gone after a run: rows, or a part of what was there before.
package enum MaxLoss: Hashable, Sendable, CustomStringConvertible {
    case rows(Int64)
    /// Hundredths of a percent, 0 to 10,000.
    case share(Int64)

    private static let whole: Int64 = 10_000
    /// Digits of a number of rows: what an Int64 holds without a thought of overflow.
    private static let digitLimit = 18

    package static let nothing = MaxLoss.share(0)

    /// `5%`, `0.25%` or a number of rows; at most two digits behind the point.
    ///
    /// - Returns: nil for anything else.
    package init?(_ text: String) {
        guard text.hasSuffix("%") else {
            guard let rows = Self.number(text) else { return nil }
            self = .rows(rows)
            return
        }
        let parts = text.dropLast().split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let percent = Self.number(parts[0]), percent <= 100 else { return nil }
        var share = percent * 100
        if parts.count == 2 {
            guard (1...2).contains(parts[1].count), let fraction = Self.number(parts[1]) else { return nil }
            share += parts[1].count == 1 ? fraction * 10 : fraction
        }
        guard share <= Self.whole else { return nil }
        self = .share(share)
    }

    private static func number(_ text: some StringProtocol) -> Int64? {
        guard !text.isEmpty, text.utf8.count <= digitLimit,
            text.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 })
        else { return nil }
        return Int64(text)
    }

    /// The one way to write it.
    package var description: String {
        switch self {
        case .rows(let rows): "\(rows)"
        case .share(let share):
            if share % 100 == 0 {
                "\(share / 100)%"
            } else if share % 10 == 0 {
                "\(share / 100).\(share % 100 / 10)%"
            } else {
                "\(share / 100).\(share % 100 / 10)\(share % 10)%"
            }
        }
    }

    /// - Parameters:
    ///   - loss: rows that are gone, above 0.
    ///   - before: rows that were there.
    func allows(_ loss: Int64, of before: Int64) -> Bool {
        switch self {
        case .rows(let rows): loss <= rows
        case .share(let share):
            // Both products have 128 bits: no count is too large to be compared.
            Self.isLess(before.multipliedFullWidth(by: share), loss.multipliedFullWidth(by: Self.whole)) == false
        }
    }

    private static func isLess(_ left: (high: Int64, low: UInt64), _ right: (high: Int64, low: UInt64)) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
}
