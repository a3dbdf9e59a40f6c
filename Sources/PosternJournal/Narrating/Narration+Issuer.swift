extension Narration {
    static func issuerMint(_ members: Members) -> [String] {
        let run = members.object("run")
        return [
            phrase([
                members.word("jti"), members.word("subject").map { "for \($0)" },
                members.word("expires").map { "until \($0)" },
            ]),
            issuerRun(run),
            phrase([
                members.word("route").map { "asked at \($0)" }, members.word("address").map { "from \($0)" },
                members.short("kid").map { "signed by \($0)" },
            ]),
        ]
    }

    static func issuerRefuse(_ members: Members) -> [String] {
        [
            phrase([members.word("stage").map { "at \($0):" }, members.text("reason")]),
            issuerRun(members.object("run")),
            phrase([
                members.word("route").map { "asked at \($0)" }, members.word("address").map { "from \($0)" },
            ]),
        ]
    }

    static func issuerState(_ members: Members) -> [String] {
        if let error = members.text("error") { return ["not taken: \(error)"] }
        return [
            phrase([
                members.word("change"), members.word("issuer"), members.word("version").map { "version \($0)" },
                members.words("keys").map { "keys \($0)" },
            ])
        ]
    }

    private static func issuerRun(_ run: Members) -> String {
        phrase([
            run.word("repository").map { "repository \($0)" }, run.word("ref").map { "ref \($0)" },
            run.word("event").map { "event \($0)" }, run.word("trigger").map { "trigger \($0)" },
            run.word("id").map { "build \($0)" },
        ])
    }
}
