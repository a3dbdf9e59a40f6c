internal import PosternCore

/// A record's members as words for a terminal. What is missing, or not of its kind, is left out of the story.
struct Members {
    private static let shortLength = 12
    private let object: JSONObject

    init(_ object: JSONObject) {
        self.object = object
    }

    var all: [JSONObject.Member] { object.members }

    func object(_ name: String) -> Members { Members(object[name]?.objectValue ?? [:]) }

    /// The objects of a list.
    func objects(_ name: String) -> [Members] {
        object[name]?.arrayValue?.compactMap { $0.objectValue.map(Members.init) } ?? []
    }

    func integer(_ name: String) -> UInt64? { object[name]?.numberValue.flatMap { UInt64($0.text) } }

    /// As it is: not for a terminal.
    func raw(_ name: String) -> String? { object[name]?.stringValue }

    /// Prose: escaped, spaces and all.
    func text(_ name: String) -> String? { value(name).map(TerminalText.escaped) }

    /// One word, in quotes where it is not.
    func word(_ name: String) -> String? { value(name).map(TerminalText.word) }

    /// What stands before the first space.
    func firstWord(_ name: String) -> String? { value(name).map { TerminalText.word(String($0.prefix { $0 != " " })) } }

    /// The beginning of a hash.
    func short(_ name: String) -> String? {
        value(name).map { TerminalText.word(String($0.prefix(Self.shortLength))) }
    }

    /// Any value, as JSON.
    func json(_ name: String) -> String? { object[name].map { TerminalText.escaped($0.text) } }

    /// A list of words; nil when it is empty.
    func words(_ name: String) -> String? {
        guard let elements = object[name]?.arrayValue, !elements.isEmpty else { return nil }
        let shown = elements.prefix(Self.shortLength).map(Self.word)
        let more = elements.count - shown.count
        return shown.joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
    }

    static func word(of value: JSONValue) -> String {
        switch value {
        case .string(let text): TerminalText.word(text)
        case .null, .bool, .number: TerminalText.escaped(value.text)
        case .array, .object: TerminalText.escaped(value.text)
        }
    }

    private func value(_ name: String) -> String? {
        switch object[name] {
        case .string(let text)?: text
        case .number(let number)?: number.text
        case .bool(let bool)?: String(bool)
        case .null?, .array?, .object?, nil: nil
        }
    }
}
