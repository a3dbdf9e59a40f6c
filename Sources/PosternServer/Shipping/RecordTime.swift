package import PosternCore

/// The moment that a record's `time` names.
package enum RecordTime {
    /// - Parameter text: RFC 3339 in UTC with six digits of the second, as records have it.
    /// - Returns: nil when it is anything else.
    package static func parse(_ text: String) -> Timestamp? {
        let digits = Array(text.utf8)
        guard digits.count == 27, digits[26] == UInt8(ascii: "Z") else { return nil }
        func number(_ range: Range<Int>) -> Int64? { Int64(String(decoding: digits[range], as: UTF8.self)) }
        guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10), let hour = number(11..<13),
            let minute = number(14..<16), let second = number(17..<19), let fraction = number(20..<26)
        else { return nil }
        let seconds = Self.days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second
        return Timestamp(microseconds: seconds * 1_000_000 + fraction)
    }

    /// Days since 1970-01-01 (Howard Hinnant's `days_from_civil`), for years from 0.
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shifted = month > 2 ? year : year - 1
        let (era, yearOfEra) = (shifted / 400, shifted % 400)
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}
