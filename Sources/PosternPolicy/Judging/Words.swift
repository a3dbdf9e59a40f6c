internal import PosternCore
internal import PosternSQL

/// Names and texts as messages show them: short, on one line, and never to be taken for something else.
enum Words {
    /// Bytes of a text that a stranger chose, as a parser's message or a list of names.
    static let longest = 256

    /// Dotted, with quotes where SQL needs them: `public.orders`, `public."Order.Lines"`.
    static func name(_ name: ObjectName) -> String {
        if let schema = name.schema, name == .everything(in: schema) { return identifier(schema) + ".*" }
        return [name.catalog, name.schema, name.name].compactMap { $0.map(identifier) }.joined(separator: ".")
    }

    static func identifier(_ name: Identifier) -> String {
        let isPlain = name.text.utf8.enumerated().allSatisfy { index, byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_"), 0x80...: true
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "$"): index > 0
            default: false
            }
        }
        guard !isPlain || name.text.isEmpty else { return bounded(name.text) }
        return bounded(QuotedText.double(name.text))
    }

    /// An object as `on` spells it: plain for what lives in `pg_class` and its like, else with its kind.
    static func object(_ kind: ObjectKind, _ name: ObjectName) -> String {
        switch kind {
        case .relation, .type, .schemaObject: self.name(name)
        case .schema, .function, .extension, .channel, .language, .role, .database, .tablespace, .server,
            .foreignDataWrapper, .publication, .subscription, .eventTrigger, .accessMethod:
            "\(kind.rawValue):\(self.name(name))"
        case .cast, .transform, .largeObject, .parameter, .file:
            // No identifiers: paths, numbers, settings with dots in their names.
            "\(kind.rawValue):\(bounded(name.name.text))"
        }
    }

    /// What a statement does to an object: `DELETE on public.orders`, `reading public.orders in UPDATE`.
    ///
    /// - Parameter isDetailed: with the access's class, which a class rule would have to name.
    static func access(_ access: Access, _ candidate: ObjectName?, isDetailed: Bool = false) -> String {
        let kind = isDetailed ? " (\(access.statementClass.rawValue))" : ""
        guard let object = access.object, let name = candidate ?? Optional(object.name) else {
            return access.tag.rawValue + kind
        }
        let words = self.object(object.kind, name)
        switch (access.statementClass, access.part) {
        case (.function, .other) where object.kind == .function:
            return isDetailed ? "\(words)\(kind) in \(access.tag.rawValue)" : words
        case (.read, .target) where access.tag.statementClass != .read, (.read, .other):
            return "reading \(words)\(kind) in \(access.tag.rawValue)"
        case (_, .target), (_, .other):
            return "\(access.tag.rawValue)\(kind) on \(words)"
        }
    }

    /// At most `count` of the texts, and how many more there are.
    static func list(_ texts: [String], first count: Int = 4) -> String {
        let shown = texts.prefix(count).joined(separator: ", ")
        return texts.count > count ? "\(shown) and \(texts.count - count) more" : shown
    }

    /// Cut at `longest` bytes, with control characters escaped: terminals and logs show it as it is.
    static func bounded(_ text: String, _ limit: Int = longest) -> String {
        var shown = ""
        var length = 0
        for scalar in text.unicodeScalars {
            let isControl = scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
            let piece = isControl ? "\\u{\(String(scalar.value, radix: 16))}" : String(scalar)
            length += piece.utf8.count
            guard length <= limit else { return shown + "…" }
            shown += piece
        }
        return shown
    }
}

extension Words {
    /// A role and where it stands: `role orders_migrator at policies/orders.yaml:3`.
    static func role(_ role: Role) -> String {
        "role \(role.name) at \(role.location.file):\(role.location.line)"
    }
}
