internal import PosternCore
internal import PosternPolicy

/// A mapping whose keys are known: reads typed values from it and logs whatever is wrong with them.
///
/// A reader returns nil for a key that is absent or wrong; the log knows the difference, so callers may go on with
/// any stand-in: with an error in the log nothing that was read is used.
struct YAMLMapping {
    let location: SourceLocation
    let log: DiagnosticLog
    let members: [YAMLMember]

    /// Takes a mapping with exactly these keys.
    ///
    /// - Parameter what: the mapping in a person's words: `a listener`.
    /// - Returns: nil when the node is no mapping.
    init?(_ node: YAMLNode, keys: [Key], what: String, log: DiagnosticLog) {
        guard let all = YAMLMapping(any: node, what: what, log: log) else { return nil }
        for member in all.members {
            guard !keys.contains(where: { $0.name.utf8.elementsEqual(member.key.utf8) }) else { continue }
            let known = keys.map(\.name)
            log.error(
                member.location,
                "unknown key `\(member.key)` in \(what)",
                hint: Suggestion.hint(for: member.key, among: known)
                    ?? "\(what) has: " + known.map { "`\($0)`" }.joined(separator: ", ")
            )
        }
        for key in keys where key.support == .required && all.node(key.name) == nil {
            log.error(node.location, "\(what) needs `\(key.name)`")
        }
        self = all
    }

    /// Takes a mapping whose keys are names that its author chose.
    init?(any node: YAMLNode, what: String, log: DiagnosticLog) {
        switch node.content {
        case .mapping(let members):
            location = node.location
            self.log = log
            self.members = members
        case .refused: return nil
        case .null, .bool, .number, .text, .sequence:
            log.error(node.location, "\(what) must be a mapping, not \(node.kind)")
            return nil
        }
    }

    func node(_ key: String) -> YAMLNode? {
        members.first { $0.key.utf8.elementsEqual(key.utf8) }?.value
    }

    /// Where the key's value stands; the mapping's own place when it is absent.
    func location(of key: String) -> SourceLocation { node(key)?.location ?? location }

    func text(_ key: String) -> String? {
        node(key).flatMap { Self.text($0, what: "`\(key)`", log: log) }
    }

    func bool(_ key: String) -> Bool? {
        guard let node = node(key) else { return nil }
        switch node.content {
        case .bool(let value): return value
        case .refused: return nil
        case .null, .number, .text, .sequence, .mapping:
            log.error(node.location, "`\(key)` must be `true` or `false`, not \(node.kind)")
            return nil
        }
    }

    func integer(_ key: String, in range: ClosedRange<Int>) -> Int? {
        guard let node = node(key) else { return nil }
        switch node.content {
        case .number(let number):
            if let value = number.integer.flatMap({ Int(exactly: $0) }), range.contains(value) {
                return value
            }
            let bounds = "\(range.lowerBound) to \(range.upperBound)"
            log.error(node.location, "`\(key)` must be a whole number from \(bounds)")
        case .refused: break
        case .null, .bool, .text, .sequence, .mapping:
            log.error(node.location, "`\(key)` must be a number, not \(node.kind)")
        }
        return nil
    }

    func duration(_ key: String, in range: ClosedRange<Duration>) -> Duration? {
        measure(
            key,
            as: "a duration",
            example: "30s",
            parse: DurationText.parse,
            range,
            print: DurationText.print
        )
    }

    func size(_ key: String, in range: ClosedRange<Int>) -> Int? {
        measure(
            key,
            as: "a size",
            example: "64KiB",
            parse: SizeText.parse,
            range,
            print: SizeText.print
        )
    }

    /// One word of a list.
    func choice<Value: RawRepresentable & CaseIterable>(_ key: String, _ type: Value.Type) -> Value?
    where Value.RawValue == String {
        guard let node = node(key), let word = text(key) else { return nil }
        return Self.choice(word, at: node.location, what: "`\(key)`", type, log: log)
    }

    /// A list, each element read by `read`.
    func list<Value>(_ key: String, limit: Int, _ read: (YAMLNode) -> Value?) -> [Value]? {
        guard let node = node(key) else { return nil }
        switch node.content {
        case .sequence(let elements):
            if elements.isEmpty { log.error(node.location, "`\(key)` must not be empty") }
            if elements.count > limit {
                log.error(node.location, "`\(key)` has more than \(limit) elements")
            }
            return elements.prefix(limit).compactMap(read)
        case .refused: return nil
        case .null, .bool, .number, .text, .mapping:
            log.error(
                node.location,
                "`\(key)` must be a list, not \(node.kind)",
                hint: "write `[…]` around it"
            )
            return nil
        }
    }

    func texts(_ key: String, limit: Int) -> [String]? {
        list(key, limit: limit) { Self.text($0, what: "an element of `\(key)`", log: log) }
    }

    static func text(_ node: YAMLNode, what: String, log: DiagnosticLog) -> String? {
        switch node.content {
        case .text(let text):
            if text.isEmpty {
                log.error(node.location, "\(what) must not be empty")
                return nil
            }
            if text.utf8.contains(0) {
                log.error(node.location, "\(what) must not hold U+0000")
                return nil
            }
            return text
        case .refused: return nil
        case .bool, .number:
            log.error(node.location, "\(what) must be text, not \(node.kind)", hint: "put it in quotes")
        case .null, .sequence, .mapping:
            log.error(node.location, "\(what) must be text, not \(node.kind)")
        }
        return nil
    }

    static func choice<Value: RawRepresentable & CaseIterable>(
        _ word: String,
        at location: SourceLocation,
        what: String,
        _ type: Value.Type,
        log: DiagnosticLog
    ) -> Value? where Value.RawValue == String {
        if let value = Value(rawValue: word) { return value }
        let words = Value.allCases.map(\.rawValue)
        log.error(
            location,
            "\(what) cannot be `\(word)`",
            hint: Suggestion.hint(for: word, among: words)
                ?? "it may be " + words.map { "`\($0)`" }.joined(separator: ", ")
        )
        return nil
    }

    private func measure<Value: Comparable>(
        _ key: String,
        as what: String,
        example: String,
        parse: (String) -> Value?,
        _ range: ClosedRange<Value>,
        print: (Value) -> String
    ) -> Value? {
        guard let node = node(key) else { return nil }
        switch node.content {
        case .text(let text):
            guard let value = parse(text) else {
                log.error(node.location, "`\(text)` is not \(what)", hint: "write it like `\(example)`")
                return nil
            }
            guard range.contains(value) else {
                log.error(
                    node.location,
                    "`\(key)` must be from \(print(range.lowerBound)) to \(print(range.upperBound))"
                )
                return nil
            }
            return value
        case .refused: return nil
        case .number:
            log.error(node.location, "`\(key)` needs a unit", hint: "write it like `\(example)`")
        case .null, .bool, .sequence, .mapping:
            log.error(
                node.location,
                "`\(key)` must be \(what), not \(node.kind)",
                hint: "write it like `\(example)`"
            )
        }
        return nil
    }
}
