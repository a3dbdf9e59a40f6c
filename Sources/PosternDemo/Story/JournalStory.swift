internal import PosternCore

/// The journal's records in the order of their time, as lines for a person.
package struct JournalStory {
    private static let common: Set<String> = ["v", "chain", "seq", "time", "event", "prev", "hash"]
    /// What a chain needs and a reader does not.
    private static let mechanics: Set<String> = ["chain.start", "journal.checkpoint"]

    private let records: [JSONObject]

    /// Reads every whole line of every journal in a folder.
    package init(folder: String) {
        var records: [(time: String, record: JSONObject)] = []
        for name in Files.names(in: folder) where name.hasSuffix(".jsonl") {
            for line in (Files.read("\(folder)/\(name)") ?? []).split(separator: UInt8(ascii: "\n")) {
                let value = try? JSONParser.parse(line, limits: .init(bytes: 1 << 20, depth: 32))
                guard let record = value?.objectValue, let time = record["time"]?.stringValue else { continue }
                records.append((time, record))
            }
        }
        // RFC 3339 in UTC with a fixed number of digits sorts as text.
        self.records = records.sorted { $0.time < $1.time }.map(\.record)
    }

    /// How many records there are of an event.
    package func count(_ event: String) -> Int {
        records.count { $0["event"] == .string(event) }
    }

    /// Why the session was refused whose id is in a text, which is what a refused job is told.
    ///
    /// - Returns: the record's own fields; nil when no such refusal is recorded yet.
    package func refusal(namedIn text: String) -> String? {
        let refusal = records.first { record in
            guard record["event"] == .string("session.refused"), let session = record["session"]?.stringValue else {
                return false
            }
            return !session.isEmpty && text.contains(session)
        }
        guard let refusal else { return nil }
        let told = refusal.members.filter {
            ["stage", "reason", "claim", "issuer", "key_id", "unverified"].contains($0.name)
        }
        return Self.line(told)
    }

    /// The journal with one entry for each record: its headline, and its own fields.
    package var entries: [(headline: String, fields: String)] {
        records.compactMap { record in
            guard let event = record["event"]?.stringValue, !Self.mechanics.contains(event) else { return nil }
            let time = (record["time"]?.stringValue ?? "").dropFirst(11).prefix(12)
            let fields = record.members.filter { !Self.common.contains($0.name) && $0.name != "session" }
            let session = record["session"]?.stringValue.map { "  \($0)" } ?? ""
            return ("\(time)  \(event)\(session)", Self.line(fields))
        }
    }

    private static func line(_ members: [JSONObject.Member]) -> String {
        members.map { "\($0.name)=\(text($0.value))" }.joined(separator: "  ")
    }

    private static func text(_ value: JSONValue) -> String {
        switch value {
        case .string(let text): text
        case .object(let object): "{" + line(object.members) + "}"
        case .array(let elements): "[" + elements.map(text).joined(separator: " ") + "]"
        case .null, .bool, .number: value.text
        }
    }
}
