package import PosternSQL

/// One entry of `on`: `schema.name` with globs in each part, or `kind:name`.
package struct ObjectPattern: Hashable, Sendable, CustomStringConvertible {
    package let kind: ObjectKind
    /// nil for kinds that live in no schema.
    package let schema: NamePattern?
    package let name: NamePattern
    /// As the policy spells it.
    package let description: String
    package let location: SourceLocation

    package init(
        kind: ObjectKind,
        schema: NamePattern?,
        name: NamePattern,
        description: String,
        location: SourceLocation
    ) {
        self.kind = kind
        self.schema = schema
        self.name = name
        self.description = description
        self.location = location
    }
}

/// A name or a glob of names: bytes are compared, `*` stands for any run of them, the empty one included.
package struct NamePattern: Hashable, Sendable {
    /// The pieces between the stars: one for a literal name.
    private let pieces: [[UInt8]]

    /// - Parameter pieces: what stands between the stars, in order; at least one.
    package init(pieces: [String]) {
        self.pieces = pieces.map { Array($0.utf8) }
    }

    package var isLiteral: Bool { pieces.count == 1 }

    /// Nothing but stars: it matches every name.
    package var isEverything: Bool { !isLiteral && pieces.allSatisfy(\.isEmpty) }

    /// The name, where it is a literal one.
    package var literal: String? { isLiteral ? String(decoding: pieces[0], as: UTF8.self) : nil }

    package func matches(_ name: Identifier) -> Bool { matches(Array(name.text.utf8)) }

    /// - Parameter name: in UTF-8.
    func matches(_ name: [UInt8]) -> Bool {
        guard let first = pieces.first, let last = pieces.last else { return false }
        guard !isLiteral else { return name == first }
        guard name.count >= first.count + last.count, name.starts(with: first) else { return false }
        guard pieces.count > 2 else { return last.isEmpty || name.suffix(last.count).elementsEqual(last) }
        var rest = name[first.count...]
        for piece in pieces.dropFirst().dropLast() {
            guard let found = Self.firstRange(of: piece, in: rest) else { return false }
            rest = rest[found.upperBound...]
        }
        return rest.count >= last.count && rest.suffix(last.count).elementsEqual(last)
    }

    /// Whether it matches every name that `other` matches.
    package func covers(_ other: NamePattern) -> Bool {
        // A byte that no UTF-8 text has stands for whatever a star of `other` matches: only a star can match it.
        var text: [UInt8] = []
        for (index, piece) in other.pieces.enumerated() {
            if index > 0 { text.append(0xFF) }
            text += piece
        }
        return matches(text)
    }

    private static func firstRange(of piece: [UInt8], in text: ArraySlice<UInt8>) -> Range<Int>? {
        guard !piece.isEmpty else { return text.startIndex..<text.startIndex }
        var start = text.startIndex
        while start + piece.count <= text.endIndex {
            if text[start..<start + piece.count].elementsEqual(piece) { return start..<start + piece.count }
            start += 1
        }
        return nil
    }
}
