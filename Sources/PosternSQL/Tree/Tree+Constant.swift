extension Tree {
    /// What an A_Const holds.
    enum Constant: Hashable {
        case text(String)
        case number(String)
        case boolean(Bool)
        case bits
        case null
    }

    /// The value of a constant; nil for other nodes.
    func constant(_ node: Node) -> Constant? {
        let entry = entry(node)
        guard entry.kind == .constant else { return nil }
        var rest = UnsafeBufferPointer(start: json + Int(entry.start), count: Int(entry.end) - Int(entry.start))[...]
        func skip(_ prefix: StaticString) -> Bool {
            let bytes = UnsafeBufferPointer(start: prefix.utf8Start, count: prefix.utf8CodeUnitCount)
            guard rest.starts(with: bytes) else { return false }
            rest = rest.dropFirst(bytes.count)
            return true
        }
        guard skip("{") else { return nil }
        if skip("\"isnull\"") { return .null }
        if skip("\"sval\":{") { return .text(skip("\"sval\":\"") ? stringBody(rest.startIndex, entry) : "") }
        if skip("\"fval\":{") { return .number(skip("\"fval\":\"") ? stringBody(rest.startIndex, entry) : "") }
        if skip("\"boolval\":{") { return .boolean(skip("\"boolval\":true")) }
        if skip("\"bsval\":{") { return .bits }
        guard skip("\"ival\":{") else { return nil }
        guard skip("\"ival\":") else { return .number(zeroOrNegative(rest)) }
        let digits = rest.prefix { $0 != UInt8(ascii: "}") && $0 != UInt8(ascii: ",") }
        return .number(String(decoding: digits, as: UTF8.self))
    }

    /// An integer that the JSON leaves out, as it does with zero and with all below: read from the text.
    private func zeroOrNegative(_ rest: Slice<UnsafeBufferPointer<UInt8>>) -> String {
        let location = String(decoding: rest, as: UTF8.self).split(separator: "\"location\":").last
        guard let start = location.flatMap({ Int($0.prefix { $0.isNumber }) }), start < textLength,
            text[start] == UInt8(ascii: "-")
        else { return "0" }
        let after = UnsafeBufferPointer(start: text + start + 1, count: textLength - start - 1)
        let digits = after.drop { $0 == UInt8(ascii: " ") }.prefix { $0 >= 0x30 && $0 <= 0x39 }
        return "-" + String(decoding: digits, as: UTF8.self)
    }

    /// The string that begins at this offset into the entry's text, after its quote.
    private func stringBody(_ offset: Int, _ entry: Entry) -> String {
        let start = Int(entry.start) + offset
        var end = start
        var isEscaped = false
        while end < Int(entry.end), json[end] != UInt8(ascii: "\"") {
            if json[end] == UInt8(ascii: "\\") {
                isEscaped = true
                end += 1
            }
            end += 1
        }
        return text(kind: isEscaped ? .escaped : .string, start, end)
    }
}
