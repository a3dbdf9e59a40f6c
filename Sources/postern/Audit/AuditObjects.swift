internal import ArgumentParser
internal import PosternConfiguration
internal import PosternJournal
internal import PosternPolicy
internal import PosternSQL

/// Objects as policies write them, held against objects as records have them.
struct AuditObjects: Sendable {
    /// Empty for relations, types and what else is written without a prefix.
    private let kind: String
    /// The last parts of the name.
    private let parts: [NamePattern]
    /// Paths, settings and the like are no names with parts.
    private static let free: Set<ObjectKind> = [.cast, .transform, .largeObject, .parameter, .file]
    /// Kinds that a policy writes as relations, without a prefix.
    private static let plain: Set<String> = ["", ObjectKind.type.rawValue, ObjectKind.schemaObject.rawValue]

    static func test(_ texts: [String]) throws -> JournalFilter.ObjectTest? {
        guard !texts.isEmpty else { return nil }
        let patterns = try texts.map(AuditObjects.init)
        return { kind, name in
            let parts = SQLName.parts(of: name)
            return patterns.contains { $0.matches(kind, parts) }
        }
    }

    private init(_ text: String) throws {
        let word = String(text.prefix { $0 != ":" && $0 != "\"" })
        let hasPrefix = text.dropFirst(word.count).first == ":"
        let rest = hasPrefix ? String(text.dropFirst(word.count + 1)) : text
        let kind = hasPrefix ? ObjectKind(rawValue: word) : .relation
        guard let kind else { throw ValidationError("--object: `\(word)` is no kind of object") }
        self.kind = hasPrefix ? word : ""
        if Self.free.contains(kind) {
            let pieces = rest.split(separator: "*", omittingEmptySubsequences: false).map(String.init)
            parts = [NamePattern(pieces: pieces)]
            return
        }
        do {
            parts = try ObjectNameText(rest).parts.map(NamePattern.init(pieces:))
        } catch {
            throw ValidationError("--object: \(error.reason)" + (error.hint.map { ": \($0)" } ?? ""))
        }
    }

    private func matches(_ kind: String, _ name: [String]) -> Bool {
        guard kind == self.kind || (self.kind.isEmpty && Self.plain.contains(kind)), name.count >= parts.count else {
            return false
        }
        // What was done to everything in a schema was done to each thing in it.
        let isEverything = name.count > 1 && name.last == "*"
        return zip(parts, name.suffix(parts.count)).enumerated().allSatisfy { index, pair in
            (isEverything && index == parts.count - 1) || pair.0.matches(Identifier(pair.1))
        }
    }
}
