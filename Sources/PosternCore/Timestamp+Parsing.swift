extension Timestamp {
    /// Takes RFC 3339: `2026-11-21T01:29:40Z`, with a fraction of the second or an offset where there is one. What is
    /// beyond microseconds is cut off.
    package init?(rfc3339 text: String) {
        let parsed = Array(text.utf8).withUnsafeBufferPointer { Timestamp(rfc3339: $0) }
        guard let parsed else { return nil }
        self = parsed
    }

    /// The same from bytes in place: journals have millions.
    package init?(rfc3339 text: UnsafeBufferPointer<UInt8>) {
        var reader = MomentReader(text: text)
        guard let year = reader.number(4), reader.take("-"), let month = reader.number(2), reader.take("-"),
            let day = reader.number(2), reader.take("T") || reader.take("t") || reader.take(" "),
            let hour = reader.number(2), reader.take(":"), let minute = reader.number(2), reader.take(":"),
            let second = reader.number(2)
        else { return nil }
        // A leap second is the same moment as the one after it.
        guard (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second <= 60 else { return nil }
        let fraction = reader.take(".") ? reader.microseconds() : 0
        guard let fraction, let offset = reader.zone(), reader.isAtEnd else { return nil }
        let seconds =
            Self.day(year: year, month: month, day: day) * 86_400 + hour * 3600 + minute * 60 + second - offset
        self.init(microseconds: seconds * 1_000_000 + fraction)
    }

    /// Days from the epoch to a date of the proleptic Gregorian calendar (Howard Hinnant's `days_from_civil`).
    private static func day(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}

/// Reads the parts of a moment from left to right.
private struct MomentReader {
    let text: UnsafeBufferPointer<UInt8>
    var offset = 0

    init(text: UnsafeBufferPointer<UInt8>) {
        self.text = text
    }

    var isAtEnd: Bool { offset == text.count }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard offset < text.count, text[offset] == UInt8(ascii: character) else { return false }
        offset += 1
        return true
    }

    /// A number of exactly so many digits.
    mutating func number(_ digits: Int) -> Int64? {
        guard text.count - offset >= digits else { return nil }
        var value: Int64 = 0
        for index in offset..<offset + digits {
            let digit = text[index] &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            value = value * 10 + Int64(digit)
        }
        offset += digits
        return value
    }

    mutating func microseconds() -> Int64? {
        var value: Int64 = 0
        var unit: Int64 = 100_000
        let start = offset
        while offset < text.count, text[offset] &- UInt8(ascii: "0") < 10 {
            value += Int64(text[offset] - UInt8(ascii: "0")) * unit
            unit /= 10
            offset += 1
        }
        return offset > start ? value : nil
    }

    /// Seconds east of UTC.
    mutating func zone() -> Int64? {
        if take("Z") || take("z") { return 0 }
        let sign: Int64 = take("-") ? -1 : 1
        guard sign < 0 || take("+"), let hours = number(2), take(":"), let minutes = number(2), hours < 24, minutes < 60
        else { return nil }
        return sign * (hours * 3600 + minutes * 60)
    }
}
