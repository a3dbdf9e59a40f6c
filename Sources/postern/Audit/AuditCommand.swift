internal import ArgumentParser

struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Read and check journals: look for sessions and statements, export, and prove what ran.",
        discussion: """
            These commands read a gateway's journal where it lies, or a copy of it, also while the gateway writes. They \
            need no gateway, no database, no network and no configuration.

            Example: postern audit list --tag 'DROP *' /var/lib/postern/journal
            """,
        subcommands: [
            AuditListCommand.self, AuditShowCommand.self, AuditVerifyCommand.self, AuditExportCommand.self,
            AuditHeadCommand.self, AuditMatchCommand.self,
        ]
    )
}
