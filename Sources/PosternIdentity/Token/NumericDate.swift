internal import PosternCore

/// Seconds since the epoch as a token writes them (RFC 7519 section 2): a JSON number, its fraction cut off.
enum NumericDate {
    /// The end of the year 9999: beyond it calendars, and soon microseconds in 64 bits, end.
    static let limit: Int64 = 253_402_300_799

    /// - Returns: nil for anything that is not a number from 0 to `limit`.
    static func seconds(_ value: JSONValue) -> Int64? {
        guard let number = value.numberValue else { return nil }
        if let integer = number.integer { return (0...limit).contains(integer) ? integer : nil }
        guard let double = number.double, double >= 0, double < Double(limit) else { return nil }
        return Int64(double)
    }
}
