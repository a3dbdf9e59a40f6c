/// Sizes and times for people.
enum Quantity {
    private static let glue = LineFolder.glue

    static func count(_ count: UInt64, _ one: String, _ many: String) -> String {
        "\(count)\(glue)\(count == 1 ? one : many)"
    }

    static func bytes(_ count: UInt64) -> String {
        let units = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
        guard count >= 1024 else { return "\(count)\(glue)B" }
        var unit = 0
        var divisor: UInt64 = 1024
        while count / divisor >= 1024, unit + 1 < units.count {
            divisor *= 1024
            unit += 1
        }
        return "\(tenths(count, of: divisor))\(glue)\(units[unit])"
    }

    static func duration(microseconds: UInt64) -> String {
        switch microseconds {
        case 0..<1000: "\(microseconds)\(glue)µs"
        case 1000..<1_000_000: "\(tenths(microseconds, of: 1000))\(glue)ms"
        case 1_000_000..<60_000_000: "\(tenths(microseconds, of: 1_000_000))\(glue)s"
        case 60_000_000..<3_600_000_000:
            "\(microseconds / 60_000_000)\(glue)min\(glue)\(microseconds / 1_000_000 % 60)\(glue)s"
        default: "\(microseconds / 3_600_000_000)\(glue)h\(glue)\(microseconds / 60_000_000 % 60)\(glue)min"
        }
    }

    /// A quotient with one decimal, truncated.
    private static func tenths(_ value: UInt64, of divisor: UInt64) -> String {
        "\(value / divisor).\(value % divisor * 10 / divisor)"
    }
}
