package import PosternCore
internal import PosternSQL

extension Explanation {
    /// The explanation for a program.
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("role", role)
        writer.member("mode", mode.rawValue)
        writer.name("unrestricted")
        writer.bool(isUnrestricted)
        writer.member("decision", judged.denial == nil ? "allow" : "deny")
        writer.name("would_deny")
        writer.bool(judged.wouldDeny != nil)
        writer.name("unparsed")
        writer.bool(judged.isUnparsed)
        writer.name("denial")
        if let denial { denial.write(to: &writer) } else { writer.null() }
        writer.array("statements", statements) { $0.write(to: &$1) }
        writer.array("other_reading", otherReading) { $0.write(to: &$1) }
        writer.endObject()
    }

    /// The explanation as compact JSON text.
    package var json: String {
        var writer = JSONWriter()
        write(to: &writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}

extension Denial {
    /// The denial as a JSON object: `sqlstate`, `reason`, `message`, and what else it has.
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("sqlstate", sqlState)
        writer.member("reason", reason)
        writer.member("message", message)
        if let detail { writer.member("detail", detail) }
        if let hint { writer.member("hint", hint) }
        if let position {
            writer.name("position")
            writer.integer(position)
        }
        writer.endObject()
    }
}

extension Explanation.Statement {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("tag", tag.rawValue)
        writer.member("class", statementClass.rawValue)
        writer.member("decision", decision.verdict.rawValue)
        if let rule = decision.rule { writer.rule(rule) }
        writer.name("denial")
        if let denial = decision.denial { denial.write(to: &writer) } else { writer.null() }
        writer.array("accesses", accesses) { $0.write(to: &$1) }
        writer.array("settings", settings) { setting, writer in
            writer.beginObject()
            writer.member("name", Words.bounded(setting.change.name, 64))
            writer.member("decision", setting.isAllowed ? "allow" : "deny")
            writer.member("reason", setting.reason)
            if let access = setting.access {
                writer.name("access")
                access.write(to: &writer)
            }
            writer.endObject()
        }
        writer.endObject()
    }
}

extension Explanation.Access {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("class", access.statementClass.rawValue)
        writer.member("tag", access.tag.rawValue)
        if let object = access.object {
            writer.member("kind", object.kind.rawValue)
            writer.member("object", Words.name(object.name))
        }
        writer.member("part", access.part == .target ? "target" : "other")
        writer.member("decision", isAllowed ? "allow" : "deny")
        writer.array("candidates", candidates) { candidate, writer in
            writer.beginObject()
            if let name = candidate.name { writer.member("name", Words.name(name)) }
            writer.member("finding", candidate.finding.words)
            writer.array("rules", candidate.trials) { trial, writer in
                writer.beginObject()
                writer.rule(trial.rule)
                writer.member("effect", trial.effect.rawValue)
                writer.name("matches")
                writer.bool(trial.mismatch == nil)
                if trial.mismatch != nil { writer.member("reason", trial.reason) }
                writer.endObject()
            }
            writer.endObject()
        }
        writer.endObject()
    }
}

extension JSONWriter {
    fileprivate mutating func member(_ name: String, _ value: String) {
        self.name(name)
        string(value)
    }

    fileprivate mutating func array<Element>(
        _ name: String,
        _ elements: [Element],
        _ write: (Element, inout JSONWriter) -> Void
    ) {
        self.name(name)
        beginArray()
        for element in elements { write(element, &self) }
        endArray()
    }

    fileprivate mutating func rule(_ rule: RuleReference) {
        member("rule", rule.id)
        member("file", rule.location.file)
        name("line")
        integer(rule.location.line)
    }
}
