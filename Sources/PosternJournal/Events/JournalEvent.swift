package import PosternCore

/// A record's own part: its name and its members.
package protocol JournalEvent {
    /// The `event` member.
    static var name: String { get }

    /// Writes the event's own members, name and value in turns.
    func encode(into writer: inout JSONWriter)
}

extension JSONWriter {
    /// A member that is left out when there is nothing to say.
    mutating func member(_ name: StaticString, _ value: String?) {
        guard let value else { return }
        self.name(name)
        string(value)
    }

    mutating func member(_ name: StaticString, _ session: SessionID) {
        self.name(name)
        string(session)
    }

    mutating func member(_ name: StaticString, _ value: some BinaryInteger) {
        self.name(name)
        integer(value)
    }

    mutating func member(_ name: StaticString, _ value: UInt64) {
        self.name(name)
        integer(value)
    }

    mutating func member(_ name: StaticString, _ value: Bool) {
        self.name(name)
        bool(value)
    }

    mutating func member(_ name: StaticString, strings: [String]) {
        self.name(name)
        beginArray()
        for string in strings { self.string(string) }
        endArray()
    }

    /// An object as a member.
    mutating func member(_ name: StaticString, _ body: (inout JSONWriter) -> Void) {
        self.name(name)
        beginObject()
        body(&self)
        endObject()
    }
}
