package import PosternSQL

/// The search paths that a session has used: the database's own and those that it has set since. Unqualified names
/// stand for all of them, because a statement that was prepared under one is analysed again under the next.
package struct SearchPaths: Hashable, Sendable {
    /// The database's own.
    package let own: [Identifier]
    /// Every schema of every path in use, each once, in the order of their first use.
    package private(set) var schemas: [Identifier]

    package init(own: [Identifier]) {
        self.own = own
        schemas = []
        add(own)
    }

    /// Names stand for the path's schemas too, from now on.
    package mutating func add(_ path: [Identifier]) {
        for schema in Self.written(path) where !schemas.contains(schema) { schemas.append(schema) }
    }

    /// Whether a role may set the path: the database's own, the empty one and those of its `search_paths`. A role
    /// without rules may set any.
    package func permits(_ path: [Identifier], _ role: Role) -> Bool {
        switch role.rules {
        case .unrestricted: return true
        case .rules: break
        }
        let path = Self.written(path)
        return path.isEmpty || path == Self.written(own) || role.searchPaths.contains { Self.written($0) == path }
    }

    /// The path that a change of `search_path` sets; nil for the session's own, and for one that the text does not
    /// tell.
    package static func path(setBy change: SettingChange) -> [Identifier]? {
        guard change.name == "search_path" else { return nil }
        switch (change.route, change.value) {
        case (.set, .constants(let names)):
            return names.map { Identifier($0) }
        case (.setConfig, .constants(let texts)):
            guard texts.count == 1 else { return nil }
            return identifiers(inList: texts[0])
        case (.set, .default), (.setConfig, .default), (.set, .unknown), (.setConfig, .unknown), (.reset, _),
            (.stored, _):
            return nil
        }
    }

    /// The path without what changes nothing: `pg_catalog` in front, where the server looks first anyway, and empty
    /// names (`SET search_path = ''` is a path of one).
    private static func written(_ path: [Identifier]) -> [Identifier] {
        let named = path.filter { !$0.text.isEmpty }
        return named.first == "pg_catalog" ? Array(named.dropFirst()) : named
    }

    /// Reads a list of identifiers as the server does (SplitIdentifierString): names between commas, in quotes or
    /// folded to lower case. nil for what it would refuse.
    private static func identifiers(inList text: String) -> [Identifier]? {
        var rest = Array(text.utf8)[...]
        var names: [Identifier] = []
        func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || (9...13).contains(byte) }
        rest = rest.drop(while: isBlank)
        if rest.isEmpty { return [] }
        while true {
            rest = rest.drop(while: isBlank)
            var name: [UInt8] = []
            if rest.first == UInt8(ascii: "\"") {
                rest = rest.dropFirst()
                while true {
                    guard let byte = rest.popFirst() else { return nil }
                    if byte == UInt8(ascii: "\"") {
                        guard rest.first == UInt8(ascii: "\"") else { break }
                        rest = rest.dropFirst()
                    }
                    name.append(byte)
                }
            } else {
                while let byte = rest.first, byte != UInt8(ascii: ","), !isBlank(byte) {
                    // Letters beyond ASCII fold by the database's locale, which is not known here.
                    guard byte < 0x80 else { return nil }
                    name.append((UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte)
                    rest = rest.dropFirst()
                }
                guard !name.isEmpty else { return nil }
            }
            names.append(Identifier(String(decoding: name, as: UTF8.self)))
            rest = rest.drop(while: isBlank)
            guard let comma = rest.popFirst() else { return names }
            guard comma == UInt8(ascii: ",") else { return nil }
        }
    }
}
