package import PosternCore

/// What a reader of journals asks for. A part that is nil asks for nothing.
package struct JournalFilter: Sendable {
    package enum Verdict: Hashable, Sendable {
        case allow
        case deny
    }

    /// Holds for the names that are meant.
    package typealias NameTest = @Sendable (String) -> Bool
    /// Holds for the objects that are meant, by kind (empty for relations) and name as records have them.
    package typealias ObjectTest = @Sendable (_ kind: String, _ name: String) -> Bool

    /// From this moment on, and before that one: of sessions the beginning, of statements the decision.
    package var since: Timestamp?
    package var until: Timestamp?

    package var session: String?
    package var role: NameTest?
    package var database: NameTest?
    package var repository: NameTest?
    package var ref: NameTest?
    package var run: NameTest?
    package var subject: NameTest?

    /// Of a statement or one of its accesses.
    package var tag: NameTest?
    /// Of an access; where a tag is asked for too, both must hold of the same one or the tag of the statement.
    package var object: ObjectTest?
    package var decision: Verdict?

    package init() {}

    /// Whether it asks for something of statements.
    package var asksForStatements: Bool { tag != nil || object != nil || decision != nil }
    /// Whether it asks for something of the sessions.
    package var asksForSessions: Bool {
        session != nil || role != nil || database != nil || repository != nil || ref != nil || run != nil
            || subject != nil
    }

    func holds(_ time: Timestamp) -> Bool {
        (since.map { time >= $0 } ?? true) && (until.map { time < $0 } ?? true)
    }

    // MARK: Records

    /// Of a session's start or refusal; nil is a session whose beginning is not there.
    func holds(session start: JournalRecord?) -> Bool {
        guard asksForSessions else { return true }
        guard let members = start?.members else { return false }
        let run = members["run"]?.objectValue
        func holds(_ test: NameTest?, _ value: JSONValue?) -> Bool {
            guard let test else { return true }
            return value?.stringValue.map(test) ?? false
        }
        return (session == nil || members["session"]?.stringValue == session)
            && holds(role, members["role"]) && holds(database, members["database"])
            && holds(repository, run?["repository"]) && holds(ref, run?["ref"]) && holds(self.run, run?["id"])
            && holds(subject, members["identity"]?.objectValue?["subject"])
    }

    func holds(decision record: JournalRecord) -> Bool {
        let members = record.members
        if let decision {
            let isDenied = members["decision"]?.stringValue == "deny"
            guard isDenied == (decision == .deny) else { return false }
        }
        guard tag != nil || object != nil else { return true }
        let ownTag = members["tag"]?.stringValue
        if object == nil, let tag, ownTag.map(tag) ?? false { return true }
        return (members["accesses"]?.arrayValue ?? []).contains { access in
            guard let access = access.objectValue else { return false }
            if let tag {
                let isTagged = ownTag.map(tag) ?? false || access["tag"]?.stringValue.map(tag) ?? false
                guard isTagged else { return false }
            }
            guard let object else { return true }
            let kind = access["kind"]?.stringValue ?? ""
            let names = [access["object"]?.stringValue] + (access["candidates"]?.arrayValue ?? []).map(\.stringValue)
            return names.contains { $0.map { object(kind, $0) } ?? false }
        }
    }
}
