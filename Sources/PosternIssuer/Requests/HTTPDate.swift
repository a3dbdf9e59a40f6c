package import PosternCore

/// The date of an HTTP header (RFC 9110 section 5.6.7) in its one form of today: `Sat, 21 Nov 2026 01:29:40 GMT`.
package enum HTTPDate {
    private static let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    package static func format(_ time: Timestamp) -> String {
        // 2026-11-21T01:29:40.000000Z
        let text = Array(time.rfc3339.utf8)
        func part(_ range: Range<Int>) -> String { String(decoding: text[range], as: UTF8.self) }
        let month = (Int(part(5..<7)) ?? 1) - 1
        // The epoch was a Thursday.
        let day = Int((time.seconds / 86_400) % 7)
        return "\(days[max(0, day)]), \(part(8..<10)) \(months[month]) \(part(0..<4)) \(part(11..<19)) GMT"
    }

    /// - Returns: nil for any other form, a day that is not that date's included.
    package static func parse(_ text: String) -> Timestamp? {
        let bytes = Array(text.utf8)
        guard bytes.count == 29 else { return nil }
        func part(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
        guard let month = months.firstIndex(of: part(8..<11)) else { return nil }
        let number = month < 9 ? "0\(month + 1)" : "\(month + 1)"
        guard let time = Timestamp(rfc3339: "\(part(12..<16))-\(number)-\(part(5..<7))T\(part(17..<25))Z"),
            time.microseconds >= 0, format(time) == text
        else { return nil }
        return time
    }
}
