internal import PosternCore

/// What a statement does to one object, and what allowed or denied it.
package struct AccessRecord: Hashable, Sendable {
    package enum Outcome: Hashable, Sendable {
        case allowedByRule(String)
        /// Allowed to every role, and why.
        case allowedAlways(String)
        case deniedByRule(String)
        case notAllowed
    }

    package let statementClass: String
    package let tag: String
    /// What kind of object it is; nil for a relation.
    package let kind: String?
    /// The name's parts as the statement has them; empty for what is done to no object.
    package let object: [String]
    /// What a name without a schema can stand for; the record has it in the place of the name when it is one.
    package let candidates: [[String]]
    /// The object is not what the statement is about: it is read on the side, or called.
    package let isOther: Bool
    package let outcome: Outcome

    package init(
        statementClass: String,
        tag: String,
        kind: String?,
        object: [String],
        candidates: [[String]],
        isOther: Bool,
        outcome: Outcome
    ) {
        self.statementClass = statementClass
        self.tag = tag
        self.kind = kind
        self.object = object
        self.candidates = candidates
        self.isOther = isOther
        self.outcome = outcome
    }

    /// The candidates that a record names.
    package static let maximumCandidates = 16

    func encode(into writer: inout JSONWriter) {
        writer.bounded("class", statementClass)
        writer.bounded("tag", tag)
        writer.bounded("kind", kind)
        let name = candidates.count == 1 ? candidates[0] : object
        if !name.isEmpty { writer.bounded("object", SQLName.text(name)) }
        if candidates.count > 1 {
            let names = candidates.prefix(Self.maximumCandidates).map(SQLName.text)
            writer.member("candidates", strings: names.map { String($0.cut(toBytes: JSONWriter.maximumWord)) })
        }
        if isOther { writer.member("part", "other") }
        switch outcome {
        case .allowedByRule(let id): writer.bounded("rule", id)
        case .allowedAlways(let why): writer.bounded("always", why)
        case .deniedByRule(let id):
            writer.member("decision", StatementRecord.Verdict.deny.rawValue)
            writer.bounded("rule", id)
        case .notAllowed: writer.member("decision", StatementRecord.Verdict.deny.rawValue)
        }
    }
}
