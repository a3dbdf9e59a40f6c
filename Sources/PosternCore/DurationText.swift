/// Durations as people write them: a whole number and one of `ms s m h d`.
package enum DurationText {
    private static let units: [(name: String, milliseconds: Int64)] = [
        ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
    ]

    /// - Returns: nil when the text is anything else, or longer than a century.
    package static func parse(_ text: String) -> Duration? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard !digits.isEmpty, digits.count <= 15, let count = Int64(digits),
            let unit = units.first(where: { $0.name == text.dropFirst(digits.count) })
        else { return nil }
        let (milliseconds, overflow) = count.multipliedReportingOverflow(by: unit.milliseconds)
        guard !overflow, milliseconds <= 100 * 366 * 86_400_000 else { return nil }
        return .milliseconds(milliseconds)
    }

    /// The shortest way to write it; whole milliseconds.
    package static func print(_ duration: Duration) -> String {
        let milliseconds = duration.inMicroseconds / 1000
        guard milliseconds != 0 else { return "0s" }
        for unit in units.reversed() where milliseconds % unit.milliseconds == 0 {
            // A day is hard to compare with the hours around it: 24h says more than 1d.
            if unit.name == "d", milliseconds < 2 * unit.milliseconds { continue }
            return "\(milliseconds / unit.milliseconds)\(unit.name)"
        }
        return "\(milliseconds)ms"
    }
}
