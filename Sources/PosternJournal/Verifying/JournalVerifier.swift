internal import Glibc
package import PosternCrypto

/// What was found out about a journal's folder.
package struct JournalReport: Hashable, Sendable {
    package let directory: String
    /// The key lay beside the journal: whoever could rewrite the one could rewrite the other.
    package let isSelfAttested: Bool
    /// Sorted by name.
    package internal(set) var chains: [ChainReport] = []
    /// What concerns the folder and no chain in it.
    package internal(set) var problems: [JournalProblem] = []
    /// Expected records whose chains are not in this folder: they may be in another.
    package internal(set) var absent: [RecordPosition] = []

    package var isIntact: Bool { problems.isEmpty && chains.allSatisfy(\.isIntact) }

    /// The folder's problems and then the chains', as far as they are listed.
    package var allProblems: [JournalProblem] { problems + chains.flatMap(\.problems) }
}

/// Reads a journal's folder and checks all of its chains, also while a gateway writes to it.
package struct JournalVerifier {
    private let directory: String
    private let keys: [VerifyingKey]?
    private let expected: [RecordPosition]
    /// What changes while it is read is read again so often.
    private static let attempts = 3

    /// - Parameters:
    ///   - keys: whose signatures count; nil for the key that lies beside the journal.
    ///   - expected: records that were kept elsewhere and must be in their chains.
    package init(directory: String, keys: [VerifyingKey]? = nil, expected: [RecordPosition] = []) {
        self.directory = directory
        self.keys = keys
        self.expected = expected
    }

    /// - Throws: when the folder cannot be read or is no journal. What is wrong inside it is in the report.
    package func verify() throws(JournalReadError) -> JournalReport {
        guard try !JournalFiles(directory: directory).chains.isEmpty else {
            throw JournalReadError("`\(directory)` holds no journal")
        }
        var attempt = 1
        while true {
            let trust = try JournalTrust(directory: directory, roots: keys)
            let report = try verify(trust)
            guard attempt < Self.attempts, try trust.isOutdated(in: directory) else { return report }
            attempt += 1
        }
    }

    private func verify(_ trust: JournalTrust) throws(JournalReadError) -> JournalReport {
        // First of all, so that each claim inside these bounds is about records that the later reading finds.
        let settled = sizes(of: try JournalFiles(directory: directory))
        let files = try JournalFiles(directory: directory)
        var report = JournalReport(directory: directory, isSelfAttested: keys == nil)
        report.problems = trust.problems
        var results: [ChainResult] = []
        for chain in files.chains { results.append(try verify(chain.name, trust: trust, settled: settled)) }
        HeadComparison.compare(&results, &report)
        report.chains = results.map(\.report)
        let present = Set(report.chains.compactMap(\.chain))
        report.absent = expected.filter { !present.contains($0.chain) }
        report.problems += Set(trust.required.map(\.position.chain)).subtracting(present).map { chain in
            JournalProblem(
                .key,
                at: JournalLocation(file: JournalFiles.keyFolder),
                "the chain \(chain) is not there, which stood there when a key was endorsed"
            )
        }
        return report
    }

    private func sizes(of files: JournalFiles) -> [String: Int] {
        var sizes: [String: Int] = [:]
        for file in files.chains.flatMap(\.files) {
            var status = stat()
            if lstat(files.path(of: file), &status) == 0 { sizes[file] = Int(status.st_size) }
        }
        return sizes
    }

    // MARK: One chain

    /// What a chain's reading depends on besides its records.
    private struct Surroundings: Equatable {
        let state: FileBytes
        let retention: FileBytes
        let firstFile: String?
    }

    private enum FileBytes: Equatable {
        case missing
        case unreadable
        case bytes([UInt8])
    }

    private func verify(
        _ name: String,
        trust: JournalTrust,
        settled: [String: Int]
    ) throws(JournalReadError) -> ChainResult {
        var attempt = 1
        while true {
            let before = try surroundings(of: name)
            let result = try verify(name, before, trust: trust, settled: settled)
            // A writer that began, stopped or removed files meanwhile has left something that does not belong to what
            // was read.
            guard attempt < Self.attempts, try surroundings(of: name) != before else { return result }
            attempt += 1
        }
    }

    private func surroundings(of name: String) throws(JournalReadError) -> Surroundings {
        Surroundings(
            state: try bytes(of: JournalFiles.stateFile(of: name), limit: ChainState.maximumSize),
            retention: try bytes(of: JournalFiles.retentionFile(of: name), limit: RetentionStatement.maximumSize),
            firstFile: try JournalFiles(directory: directory).chains.first { $0.name == name }?.files.first
        )
    }

    private func bytes(of file: String, limit: Int) throws(JournalReadError) -> FileBytes {
        let path = directory + "/" + file
        try checkPermission(path)
        do throws(JournalReadError) {
            return try JournalReader.contents(of: path, limit: limit).map { .bytes($0) } ?? .missing
        } catch {
            return .unreadable
        }
    }

    /// Who may not read a journal cannot say that it is broken.
    private func checkPermission(_ path: String) throws(JournalReadError) {
        guard access(path, R_OK) != 0, errno == EACCES else { return }
        throw JournalReadError("reading `\(path)`: permission denied")
    }

    private func verify(
        _ name: String,
        _ surroundings: Surroundings,
        trust: JournalTrust,
        settled: [String: Int]
    ) throws(JournalReadError) -> ChainResult {
        let state: ChainVerifier.StateFile =
            switch surroundings.state {
            case .missing: .missing
            case .unreadable: .untrusted
            case .bytes(let bytes): ChainState(bytes, trust: trust.keys).map { .state($0) } ?? .untrusted
            }
        let retention: ChainVerifier.RetentionFile =
            switch surroundings.retention {
            case .missing: .missing
            case .unreadable: .untrusted
            case .bytes(let bytes):
                RetentionStatement(bytes, trust: trust.keys).map { .statement($0) } ?? .untrusted
            }
        let elsewhere = expected.map { RequiredRecord($0, kind: .expected, source: "a head that was kept elsewhere") }
        var verifier = ChainVerifier(
            name: name,
            state: state,
            stateFile: JournalFiles.stateFile(of: name),
            retention: retention,
            trust: trust.keys,
            required: trust.required + elsewhere
        )
        // Listed after the state was read, so that a closed chain's last file is on the list.
        let files = try JournalFiles(directory: directory)
        for file in files.chains.first(where: { $0.name == name })?.files ?? [] {
            try checkPermission(files.path(of: file))
            verifier.begin(file: file, settled: settled[file] ?? 0)
            do throws(JournalReadError) {
                let reader = try JournalReader(path: files.path(of: file))
                while let line = try reader.next() { verifier.take(line) }
            } catch {
                verifier.take(error)
            }
        }
        let report = verifier.finish()
        return ChainResult(report: report, verifier: verifier)
    }
}
