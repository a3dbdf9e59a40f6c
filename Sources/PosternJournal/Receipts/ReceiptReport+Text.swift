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
        writer.member("problems", strings: problems)
        writer.endObject()
        return String(decoding: writer.bytes, as: UTF8.self) + "\n"
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
