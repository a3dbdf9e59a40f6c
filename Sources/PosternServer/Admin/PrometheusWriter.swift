internal import PosternCore

/// Writes metrics in Prometheus' text format, version 0.0.4.
package struct PrometheusWriter {
    package enum Kind: String, Sendable {
        case counter
        case gauge
        case histogram
    }

    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    package private(set) var text = ""

    package init() {}

    /// Begins a family; its samples must follow.
    package mutating func family(_ name: String, _ kind: Kind, help: String) {
        text += "# HELP \(name) \(Self.escape(help, quote: false))\n# TYPE \(name) \(kind.rawValue)\n"
    }

    package mutating func sample(_ name: String, _ labels: [(String, String)], _ value: UInt64) {
        line(name, labels, String(value))
    }

    /// - Parameter value: in base units; not finite values are written as Prometheus spells them.
    package mutating func sample(_ name: String, _ labels: [(String, String)], _ value: Double) {
        line(name, labels, Self.number(value))
    }

    /// The samples of one histogram: cumulative buckets, sum and count.
    package mutating func histogram(
        _ name: String,
        _ labels: [(String, String)],
        _ snapshot: LatencyHistogram.Snapshot,
        scale: LatencyHistogram.Scale
    ) {
        var total: UInt64 = 0
        for (bound, count) in zip(scale.bounds, snapshot.counts) {
            total &+= count
            line(name + "_bucket", labels + [("le", Self.number(Double(bound) / 1_000_000))], String(total))
        }
        total &+= snapshot.counts.last ?? 0
        line(name + "_bucket", labels + [("le", "+Inf")], String(total))
        line(name + "_sum", labels, Self.number(snapshot.sum.inSeconds))
        line(name + "_count", labels, String(total))
    }

    private mutating func line(_ name: String, _ labels: [(String, String)], _ value: String) {
        text += name
        if !labels.isEmpty {
            let pairs = labels.map { "\($0.0)=\"\(Self.escape($0.1, quote: true))\"" }
            text += "{" + pairs.joined(separator: ",") + "}"
        }
        text += " " + value + "\n"
    }

    private static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        if value == value.rounded(), abs(value) < 1e15 { return String(Int64(value)) }
        return String(value)
    }

    /// Backslash and newline are escaped everywhere, quotes in label values only.
    private static func escape(_ text: String, quote: Bool) -> String {
        var escaped = ""
        for character in text.unicodeScalars {
            switch character {
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\"" where quote: escaped += "\\\""
            default: escaped.unicodeScalars.append(character)
            }
        }
        return escaped
    }
}
