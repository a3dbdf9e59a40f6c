internal import ArgumentParser

/// Which journals.
struct AuditOptions: ParsableArguments {
    @Argument(help: ArgumentHelp("Journals: `audit.directory` of each gateway, or copies.", valueName: "dir"))
    var directories: [String]
}
