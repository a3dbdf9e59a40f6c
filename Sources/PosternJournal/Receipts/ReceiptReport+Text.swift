internal import PosternCore

extension ReceiptReport {
    /// For a person: what the receipt says, by what it was checked, and what is wrong.
    ///
    /// All words of the receipt's are shown without what could move a terminal.
    package func text(path: String) -> String {
        let members = receipt.members
        let run = members["run"]?.objectValue
        var lines = ["\(path): \(isGood ? "the receipt holds" : "the receipt does not hold")"]
        lines.append(
            "  session     \(receipt.session) of \(word(members["gateway"])), issued \(word(members["issued"]))"
        )
        lines.append(
            "  role        \(word(members["role"])) on \(word(members["database"])) as \(word(members["login"]))"
        )
        let names = ["repository", "ref", "sha", "id", "url"].filter { run?[$0] != nil }
        if !names.isEmpty {
            lines.append("  run         " + names.map { "\($0) \(word(run?[$0]))" }.joined(separator: ", "))
        }
        lines.append("  statements  \(counts(members["statements"])); \(word(members["denied"])) denied")
        lines.append("  rows        \(word(members["rows"]))")
        lines.append("  policy      \(word(members["policy_hash"]))")
        lines.append("  journal     \(receipt.position.chain):\(receipt.position.seq):\(receipt.position.hash)")
        lines.append("  checked     \(checked)")
        if let removedThrough {
            let isGone = removedThrough >= receipt.position.seq
            lines.append(
                "  removed     the journal no longer holds "
                    + (isGone ? "the receipt's record and what was before it" : "the session's start")
                    + ": records up to \(removedThrough) were removed by retention, so "
                    + (isGone ? "only the signature was checked" : "the totals could not be compared")
            )
        }
        for problem in problems { lines.append("  problem     \(TerminalText.escaped(problem))") }
        return lines.joined(separator: "\n") + "\n"
    }

    /// For a program: one object and a line feed.
    package var json: String {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("holds", isGood)
        writer.member("session", receipt.session.description)
        writer.member("self_attested", attestation == .selfAttested)
        writer.member("journal", directory)
        writer.name("removed_through")
        writer.value(removedThrough.map { .number(JSONNumber($0)) } ?? .null)
        writer.member("problems", strings: problems)
        writer.endObject()
        return String(decoding: writer.bytes, as: UTF8.self) + "\n"
    }

    /// The same for a file that is no receipt at all.
    package static func json(_ error: ReceiptError) -> String {
        let object: JSONObject = [
            "holds": .bool(false), "session": .null, "self_attested": .null, "journal": .null, "removed_through": .null,
            "problems": .array([.string("no receipt: \(error)")]),
        ]
        return JSONValue.object(object).text + "\n"
    }

    private var checked: String {
        let key = attestation == .key ? "with the key given" : "self-attested: the key lies beside the journal"
        return key + (directory.map { ", against `\(TerminalText.escaped($0))`" } ?? ", not against a journal")
    }

    private func counts(_ value: JSONValue?) -> String {
        let counts = value?.objectValue?.members.filter { word($0.value) != "0" } ?? []
        return counts.isEmpty ? "none" : counts.map { "\(word($0.value)) \($0.name)" }.joined(separator: ", ")
    }

    private func word(_ value: JSONValue?) -> String {
        switch value {
        case .string(let text): TerminalText.escaped(text)
        case .number(let number): number.text
        case .null, .bool, .array, .object, nil: "?"
        }
    }
}
