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

    package var isIntact: Bool { problems.isEmpty && chains.allSatisfy(\.isIntact) }

    /// The folder's problems and then the chains', as far as they are listed.
    package var allProblems: [JournalProblem] { problems + chains.flatMap(\.problems) }
}

/// Reads a journal's folder and checks all of its chains, also while a gateway writes to it.
package struct JournalVerifier {
    private let directory: String
    private let keys: [VerifyingKey]?
    /// A chain whose state changes while it is read is read again so often.
    private static let attempts = 3
    private static let keySize = 16 * 1024

    /// - Parameter keys: whose signatures count; nil for the key that lies beside the journal.
    package init(directory: String, keys: [VerifyingKey]? = nil) {
        self.directory = directory
        self.keys = keys
    }

    /// - Throws: when the folder cannot be read or is no journal. What is wrong inside it is in the report.
    package func verify() throws(JournalReadError) -> JournalReport {
        // First of all, so that each claim inside these bounds is about records that the later reading finds.
        let settled = sizes(of: try JournalFiles(directory: directory))
        let files = try JournalFiles(directory: directory)
        guard !files.chains.isEmpty else { throw JournalReadError("`\(directory)` holds no journal") }
        let keys: [VerifyingKey] = if let given = self.keys { given } else { [try ownKey(files)] }

        var report = JournalReport(directory: directory, isSelfAttested: self.keys == nil)
        var results: [ChainResult] = []
        for chain in files.chains { results.append(try verify(chain.name, keys: keys, settled: settled)) }
        Self.compareHeads(&results, &report)
        report.chains = results.map(\.report)
        return report
    }

    private struct ChainResult {
        var report: ChainReport
        let verifier: ChainVerifier
    }

    private func ownKey(_ files: JournalFiles) throws(JournalReadError) -> VerifyingKey {
        let path = files.path(of: JournalFiles.keyFile)
        guard let pem = try JournalReader.contents(of: path, limit: Self.keySize) else {
            throw JournalReadError("`\(path)` is not there")
        }
        guard let key = VerifyingKey(pem: pem) else {
            throw JournalReadError("`\(path)` is not an Ed25519 public key in PEM")
        }
        return key
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

    private func verify(
        _ name: String,
        keys: [VerifyingKey],
        settled: [String: Int]
    ) throws(JournalReadError) -> ChainResult {
        let statePath = directory + "/" + JournalFiles.stateFile(of: name)
        var attempt = 1
        while true {
            let before = stateBytes(statePath)
            let result = try verify(name, state: before, keys: keys, settled: settled)
            // A writer that began or stopped meanwhile has left a state that does not belong to what was read.
            guard attempt < Self.attempts, stateBytes(statePath) != before else { return result }
            attempt += 1
        }
    }

    private enum StateBytes: Equatable {
        case missing
        case unreadable
        case bytes([UInt8])
    }

    private func stateBytes(_ path: String) -> StateBytes {
        do throws(JournalReadError) {
            return try JournalReader.contents(of: path, limit: ChainState.maximumSize).map { .bytes($0) } ?? .missing
        } catch {
            return .unreadable
        }
    }

    private func verify(
        _ name: String,
        state: StateBytes,
        keys: [VerifyingKey],
        settled: [String: Int]
    ) throws(JournalReadError) -> ChainResult {
        let stateFile: ChainVerifier.StateFile =
            switch state {
            case .missing: .missing
            case .unreadable: .untrusted
            case .bytes(let bytes): ChainState(bytes, keys: keys).map { .state($0) } ?? .untrusted
            }
        var verifier = ChainVerifier(
            name: name,
            state: stateFile,
            stateFile: JournalFiles.stateFile(of: name),
            keys: keys
        )
        // Listed after the state was read, so that a closed chain's last file is on the list.
        let files = try JournalFiles(directory: directory)
        for file in files.chains.first(where: { $0.name == name })?.files ?? [] {
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

    // MARK: All chains

    /// Each chain's checkpoints say where the others stood: a chain that was cut or left out alone is found by that.
    private static func compareHeads(_ results: inout [ChainResult], _ report: inout JournalReport) {
        let places = Dictionary(results.indices.map { (results[$0].report.name, $0) }, uniquingKeysWith: { $1 })
        for source in results.indices {
            for (name, positions) in results[source].verifier.claims.sorted(by: { $0.key < $1.key }) {
                let target = places[name]
                let broken = positions.filter { position, _ in
                    guard let target else { return true }
                    return results[target].report.chain != position.chain
                        || results[target].verifier.checkpoints[position.seq] != position.hash
                }
                guard let (first, location) = broken.min(by: { $0.key.seq < $1.key.seq }) else { continue }
                let text =
                    target == nil
                    ? "the chain `\(name)` is not there: it stood at record \(first.seq) when this was signed"
                    : "`\(name)` has lost its checkpoint \(first.seq), at which it stood when this was signed"
                let problem = JournalProblem(.heads, at: location, text)
                if let target { results[target].report.note(problem) } else { report.problems.append(problem) }
            }
        }
        var owners: [ChainID: String] = [:]
        for index in results.indices {
            guard let chain = results[index].report.chain else { continue }
            let name = results[index].report.name
            guard let owner = owners.updateValue(name, forKey: chain) else { continue }
            let location = JournalLocation(file: JournalFiles.stateFile(of: name))
            results[index].report.note(
                JournalProblem(.duplicate, at: location, "`\(name)` has the same chain id as `\(owner)`")
            )
        }
    }
}
