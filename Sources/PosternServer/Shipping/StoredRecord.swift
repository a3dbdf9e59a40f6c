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
        // In runs of what stands for itself: a store that was away for hours is caught up by hundreds of megabytes.
        var start = text.startIndex
        for index in text.indices {
            let letter: UInt8
            switch text[index] {
            case UInt8(ascii: "\\"): letter = UInt8(ascii: "\\")
            case UInt8(ascii: "\t"): letter = UInt8(ascii: "t")
            case UInt8(ascii: "\n"): letter = UInt8(ascii: "n")
            case UInt8(ascii: "\r"): letter = UInt8(ascii: "r")
            default: continue
            }
            rows.append(contentsOf: text[start..<index])
            rows.append(UInt8(ascii: "\\"))
            rows.append(letter)
            start = index + 1
        }
        rows.append(contentsOf: text[start...])
    }

    // MARK: JSON for jsonb

    /// Numbers of more characters than this are kept as text; every number of Postern's own has fewer.
    private static let longestNumber = 40
    private static let nul = Array("\\u0000".utf8)
    private static let replacement = Array("\\ufffd".utf8)

    /// Members of JSON as jsonb takes them.
    package static func storable(_ json: ArraySlice<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(json.count + 16)
        // Where what is not copied yet begins.
        var start = json.startIndex
        var index = start
        while index < json.endIndex {
            let byte = json[index]
            if byte == UInt8(ascii: "\"") {
                index = passString(json, from: index + 1, &start, into: &result)
            } else if beginsNumber(byte) {
                index = passNumber(json, from: index, &start, into: &result)
            } else {
                // Brackets, commas, colons and the letters of `true`, `false` and `null`.
                index += 1
            }
        }
        result.append(contentsOf: json[start...])
        return result
    }

    /// - Returns: the place behind the closing quote.
    private static func passString(
        _ json: ArraySlice<UInt8>,
        from first: Int,
        _ start: inout Int,
        into result: inout [UInt8]
    ) -> Int {
        var index = first
        while index < json.endIndex {
            switch json[index] {
            case UInt8(ascii: "\""): return index + 1
            case UInt8(ascii: "\\"):
                if json[index...].starts(with: nul) {
                    result.append(contentsOf: json[start..<index])
                    result.append(contentsOf: replacement)
                    index += nul.count
                    start = index
                } else {
                    // The escaped character goes with it, so that an escaped backslash escapes nothing.
                    index += 2
                }
            default: index += 1
            }
        }
        return json.endIndex
    }

    /// - Returns: the place behind the number.
    private static func passNumber(
        _ json: ArraySlice<UInt8>,
        from first: Int,
        _ start: inout Int,
        into result: inout [UInt8]
    ) -> Int {
        let number = json[first...].prefix(while: isInNumber)
        let hasExponent = number.contains { $0 == UInt8(ascii: "e") || $0 == UInt8(ascii: "E") }
        if hasExponent || number.count > longestNumber {
            result.append(contentsOf: json[start..<first])
            result.append(UInt8(ascii: "\""))
            result.append(contentsOf: number)
            result.append(UInt8(ascii: "\""))
            start = number.endIndex
        }
        return number.endIndex
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
