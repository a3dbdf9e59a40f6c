internal import PosternCore

/// What a plain scalar means: `null`, `true`, `false`, decimal numbers, and all else is text.
///
/// A subset of the YAML 1.2 core schema: `on`, `yes`, `0123`, `0x1F`, `~`, `.inf` and `True` are text, so that
/// nothing turns into a value that its author did not see.
enum CoreSchema {
    static func content(ofPlain text: String) -> YAMLNode.Content {
        switch text {
        case "", "null": .null
        case "true": .bool(true)
        case "false": .bool(false)
        default: isDecimal(text) ? .number(JSONNumber(text: text)) : .text(text)
        }
    }

    /// The grammar of JSON's numbers.
    private static func isDecimal(_ text: String) -> Bool {
        var rest = text.utf8[...]
        func digits() -> Int {
            let count = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }.count
            rest = rest.dropFirst(count)
            return count
        }
        if rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
        let leading = rest.first
        let whole = digits()
        guard whole > 0, whole == 1 || leading != UInt8(ascii: "0") else { return false }
        if rest.first == UInt8(ascii: ".") {
            rest = rest.dropFirst()
            guard digits() > 0 else { return false }
        }
        if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
            rest = rest.dropFirst()
            if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") {
                rest = rest.dropFirst()
            }
            guard digits() > 0 else { return false }
        }
        return rest.isEmpty
    }
}
