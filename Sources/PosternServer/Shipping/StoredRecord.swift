package import PosternJournal

/// A record as a row of the batch that is copied into the auditors' store: `seq, time, event, hash, line, record`.
///
/// `line` is the record's line, byte for byte. `record` has the event's own members as jsonb takes them: jsonb cannot
/// hold the character NUL, which becomes U+FFFD, nor every number, and an exotic one becomes text.
package struct StoredRecord: Sendable {
    package let position: RecordPosition
    /// RFC 3339 in UTC.
    package let time: String
    package let event: String
    private let line: [UInt8]
    private let fields: Range<Int>

    package init(_ record: FollowedRecord) {
        position = record.frame.position
        time = record.frame.time
        event = record.frame.event
        line = record.line
        fields = record.frame.fields
    }

    /// About how many bytes the row takes.
    package var size: Int { line.count + fields.count }

    /// Appends the row in COPY's text format.
    ///
    /// - Parameter isPlain: without `record`: for a record that the server refused, whose line is kept all the same.
    package func append(to rows: inout [UInt8], isPlain: Bool) {
        rows.append(contentsOf: "\(position.seq)\t\(time)\t\(event)\t\(position.hash)\t".utf8)
        Self.escape(line[...], into: &rows)
        rows.append(UInt8(ascii: "\t"))
        if isPlain {
            rows.append(contentsOf: "\\N".utf8)
        } else {
            rows.append(UInt8(ascii: "{"))
            Self.escape(Self.storable(line[fields])[...], into: &rows)
            rows.append(UInt8(ascii: "}"))
        }
        rows.append(UInt8(ascii: "\n"))
    }

    /// COPY's text format: what separates columns and rows, and the backslash itself, stand behind a backslash.
    private static func escape(_ text: ArraySlice<UInt8>, into rows: inout [UInt8]) {
        for byte in text {
            switch byte {
            case UInt8(ascii: "\\"): rows.append(contentsOf: "\\\\".utf8)
            case UInt8(ascii: "\t"): rows.append(contentsOf: "\\t".utf8)
            case UInt8(ascii: "\n"): rows.append(contentsOf: "\\n".utf8)
            case UInt8(ascii: "\r"): rows.append(contentsOf: "\\r".utf8)
            default: rows.append(byte)
            }
        }
    }

    // MARK: JSON for jsonb

    /// Numbers of more characters than this are kept as text; every number of Postern's own has fewer.
    private static let longestNumber = 40
    private static let nul = Array("\\u0000".utf8)
    private static let replacement = Array("\\ufffd".utf8)

    /// Members of JSON as jsonb takes them.
    package static func storable(_ json: ArraySlice<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(json.count)
        var rest = json
        while let byte = rest.first {
            if byte == UInt8(ascii: "\"") {
                takeString(&rest, into: &result)
            } else if beginsNumber(byte) {
                takeNumber(&rest, into: &result)
            } else {
                // Brackets, commas, colons and the letters of `true`, `false` and `null`.
                result.append(byte)
                rest.removeFirst()
            }
        }
        return result
    }

    private static func takeString(_ rest: inout ArraySlice<UInt8>, into result: inout [UInt8]) {
        result.append(rest.removeFirst())
        while let byte = rest.first {
            if byte == UInt8(ascii: "\\") {
                if rest.starts(with: nul) {
                    result += replacement
                    rest.removeFirst(nul.count)
                } else {
                    // The escaped character goes with it, so that an escaped backslash escapes nothing.
                    result += rest.prefix(2)
                    rest = rest.dropFirst(2)
                }
            } else {
                result.append(rest.removeFirst())
                if byte == UInt8(ascii: "\"") { return }
            }
        }
    }

    private static func takeNumber(_ rest: inout ArraySlice<UInt8>, into result: inout [UInt8]) {
        let number = rest.prefix(while: isInNumber)
        rest = rest.dropFirst(number.count)
        let hasExponent = number.contains { $0 == UInt8(ascii: "e") || $0 == UInt8(ascii: "E") }
        if hasExponent || number.count > longestNumber {
            result += [UInt8(ascii: "\"")] + number + [UInt8(ascii: "\"")]
        } else {
            result += number
        }
    }

    private static func beginsNumber(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "-") || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
    }

    private static func isInNumber(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "+"), UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"): true
        default: beginsNumber(byte)
        }
    }
}
