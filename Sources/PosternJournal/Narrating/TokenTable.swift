/// Tokens that were issued or refused, as a table for a terminal.
package struct TokenTable {
    private var table = TextTable(
        ["TIME", "TOKEN", "REPOSITORY", "REF", "EVENT", "BUILD", "REASON", "ROUTE", "ADDRESS"].map { .init(title: $0) }
    )

    package init(_ records: [JournalRecord]) {
        for record in records {
            let members = Members(record.members)
            let run = members.object("run")
            let isIssued = record.frame.event == IssuerMint.name
            table.add([
                String(record.frame.time.prefix(19)) + "Z", isIssued ? members.word("jti") ?? "?" : "refused",
                run.word("repository") ?? "", run.word("ref") ?? "", run.word("event") ?? "", run.word("id") ?? "",
                isIssued ? "" : members.text("reason") ?? "?", members.word("route") ?? "",
                members.word("address") ?? "",
            ])
        }
    }

    /// - Parameter width: columns of the terminal; nil for as many as it takes.
    package func text(width: Int?) -> String { table.text(width: width) }
}
