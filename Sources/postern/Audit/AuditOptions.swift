internal import ArgumentParser
internal import PosternCore
internal import PosternCrypto
internal import PosternJournal

/// The journals that a command reads.
struct JournalArguments: ParsableArguments {
    @Argument(
        help: ArgumentHelp("Journals' folders, as `audit.directory` names them.", valueName: "dir"),
        completion: .directory
    )
    var directories: [String]
}

/// Whose signatures count.
struct PublicKeyOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "A public key in PEM that was kept elsewhere; by default the one that lies in the journal's folder.",
            valueName: "file"
        ),
        completion: .file()
    )
    var publicKey: [String] = []

    /// The keys; nil when none is given. Exits with 2 where one cannot be read.
    func keys() throws -> [VerifyingKey]? {
        guard !publicKey.isEmpty else { return nil }
        do throws(JournalReadError) {
            return try publicKey.map { path throws(JournalReadError) in try JournalTrust.key(in: path) }
        } catch {
            Output.error(TerminalText.escaped(error.description))
            throw ExitCode.unusable
        }
    }
}

extension JournalVerifier {
    /// The reports on several folders. Exits with 2 where one cannot be read.
    static func reports(
        on directories: [String],
        keys: PublicKeyOptions,
        expected: [RecordPosition] = []
    ) throws -> [JournalReport] {
        let keys = try keys.keys()
        do throws(JournalReadError) {
            return try directories.map { directory throws(JournalReadError) in
                try JournalVerifier(directory: directory, keys: keys, expected: expected).verify()
            }
        } catch {
            throw AuditReading.unusable(error)
        }
    }
}
