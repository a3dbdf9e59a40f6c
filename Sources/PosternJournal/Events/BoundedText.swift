internal import PosternCore

extension JSONWriter {
    /// Bytes of a word or a line of prose in a record: far more than is ever needed.
    static let maximumWord = 2048

    /// A text that is cut where it is too long.
    mutating func bounded(_ name: StaticString, _ text: String?) {
        member(name, text.map { String($0.cut(toBytes: Self.maximumWord)) })
    }
}

extension String {
    /// The beginning of the text that takes `limit` bytes of UTF-8 at most, without half a character at its end.
    func cut(toBytes limit: Int) -> Substring {
        guard utf8.count > limit else { return self[...] }
        var end = utf8.index(utf8.startIndex, offsetBy: limit)
        while end > startIndex, utf8[end] & 0xC0 == 0x80 { end = utf8.index(before: end) }
        return self[..<end]
    }
}
