extension Tree {
    /// A string, decoded. Empty for what is none.
    func text(_ node: Node) -> String {
        let entry = entry(node)
        return text(kind: entry.kind, Int(entry.start), Int(entry.end))
    }

    func text(kind: Kind, _ start: Int, _ end: Int) -> String {
        let bytes = UnsafeBufferPointer(start: json + start, count: max(0, end - start))
        switch kind {
        case .string, .number: return String(decoding: bytes, as: UTF8.self)
        case .escaped: return String(decoding: Self.unescaped(bytes), as: UTF8.self)
        case .object, .list, .nothing, .constant, .yes, .no: return ""
        }
    }

    /// The string in a field; nil where it is absent.
    func text(_ node: Node, _ field: Field) -> String? { child(node, field).map { text($0) } }

    func identifier(_ node: Node, _ field: Field) -> Identifier? { text(node, field).map { Identifier($0) } }

    /// Whether a field holds this word, byte for byte: for enumerations.
    func word(_ node: Node, _ field: Field, is word: StaticString) -> Bool {
        guard let child = child(node, field) else { return false }
        let entry = entry(child)
        let count = Int(entry.end) - Int(entry.start)
        guard entry.kind == .string, count == word.utf8CodeUnitCount else { return false }
        for index in 0..<count where json[Int(entry.start) + index] != word.utf8Start[index] { return false }
        return true
    }

    /// The number in a field; 0 where it is absent, as the parser leaves out zeros.
    func number(_ node: Node, _ field: Field) -> Int { text(node, field).flatMap { Int($0) } ?? 0 }

    /// The text of a String node, unwrapped or not; nil for other nodes.
    func string(_ node: Node) -> String? {
        guard entry(node).kind == .object, type(node) == .string else { return nil }
        return text(node, .sval) ?? ""
    }

    /// The texts of a list of String nodes. Other nodes in it are left out.
    func strings(_ node: Node, _ field: Field) -> [String] { elements(node, field).compactMap { string($0) } }

    /// JSON's escapes, as the library writes them: it escapes single bytes only.
    private static func unescaped(_ bytes: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            guard byte == UInt8(ascii: "\\"), index + 1 < bytes.count else {
                result.append(byte)
                index += 1
                continue
            }
            index += 2
            switch bytes[index - 1] {
            case UInt8(ascii: "b"): result.append(8)
            case UInt8(ascii: "f"): result.append(12)
            case UInt8(ascii: "n"): result.append(10)
            case UInt8(ascii: "r"): result.append(13)
            case UInt8(ascii: "t"): result.append(9)
            case UInt8(ascii: "u"):
                let end = min(index + 4, bytes.count)
                let digits = String(decoding: bytes[index..<end], as: UTF8.self)
                result.append(UInt8(truncatingIfNeeded: UInt32(digits, radix: 16) ?? 0x3F))
                index = end
            case let other: result.append(other)
            }
        }
        return result
    }
}
