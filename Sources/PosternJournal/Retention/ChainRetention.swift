internal import Glibc
package import PosternCore
internal import PosternCrypto

/// Removes the files of one chain that are kept no longer, so that the chain stays one that can be verified.
///
/// In this order, each step on the disk before the next: the chain's record of it, `NAME.retained`, and then the files, the
/// oldest first. A crash between two of them leaves a journal that verifies, and the next round goes on from there.
/// Blocks: never on an event loop.
package struct ChainRetention {
    /// What is old enough.
    package struct Due: Hashable, Sendable {
        /// What may go; nil for nothing.
        package let plan: Plan?
        /// More is old enough, and stays because the auditors' store has not got it.
        package let awaitsStore: Bool
    }

    /// What may go.
    package struct Plan: Hashable, Sendable {
        package let numbers: [Int]
        package let files: [String]
        /// The last record in them.
        package let through: RecordPosition
        package let lastTime: String
    }

    /// Old files are removed in rounds of at most this many: a folder that was kept for years is no reason to hold a
    /// record that lists them for ever.
    private static let maximumFiles = 1000

    private let name: String
    private let directory: JournalDirectory

    package init(of name: String, in directory: JournalDirectory) {
        self.name = name
        self.directory = directory
    }

    /// The names of the chains that the folder holds.
    package static func chains(in directory: JournalDirectory) throws(JournalError) -> [String] {
        do throws(JournalReadError) {
            return try JournalFiles(directory: directory.path).chains.map(\.name)
        } catch {
            throw JournalError(error.description)
        }
    }

    /// The whole files whose last record is older than `cutoff`; never the chain's last file, and none that the auditors'
    /// store still needs.
    ///
    /// - Throws: when a file cannot be read, or is not what it must be: evidence of that kind is not removed.
    package func due(before cutoff: Timestamp) throws(JournalError) -> Due {
        let numbers = try ChainFiles.numbers(of: name, in: directory.path)
        let limit = cutoff.rfc3339
        var old: [Int] = []
        var last: (head: RecordPosition, time: String)?
        var awaitsStore = false
        for (number, next) in zip(numbers, numbers.dropFirst()).prefix(Self.maximumFiles) {
            // All times are written in the same form: their order is that of their texts.
            guard let end = try end(of: number), end.time < limit else { break }
            guard isShipped(number) else {
                awaitsStore = true
                break
            }
            try check(next, follows: end.head)
            old.append(number)
            last = end
        }
        let plan = last.map { last in
            Plan(
                numbers: old,
                files: old.map { ChainFiles.fileName(of: name, number: $0) },
                through: last.head,
                lastTime: last.time
            )
        }
        return Due(plan: plan, awaitsStore: awaitsStore)
    }

    /// Removes the files of a plan.
    ///
    /// - Parameter record: the chain's `retention.removed`, which is on the disk.
    package func carryOut(_ plan: Plan, record: RecordPosition) throws(JournalError) {
        let statement = RetentionStatement(removed: plan.through, record: record)
        try Files.replace(statementPath, with: statement.signed(by: directory.key), mode: 0o600)
        try remove(plan.numbers)
    }

    /// Removes what a crash left of files that an earlier statement is about.
    package func finish() throws(JournalError) {
        guard let bytes = try Files.read(statementPath, limit: RetentionStatement.maximumSize) else { return }
        guard let statement = RetentionStatement(bytes, trust: directory.trust) else {
            throw JournalError("`\(statementPath)` is not signed by the journal's key")
        }
        for number in try ChainFiles.numbers(of: name, in: directory.path).dropLast() {
            guard let head = try end(of: number)?.head, head.chain == statement.chain,
                head.seq <= statement.removed.seq, isShipped(number)
            else { return }
            try remove([number])
        }
    }

    private var statementPath: String { directory.path + "/" + JournalFiles.retentionFile(of: name) }

    private func isShipped(_ number: Int) -> Bool { directory.shipped.mayRemove(chain: name, file: number) }

    private func path(of number: Int) -> String { ChainFiles.path(of: name, number: number, in: directory.path) }

    /// The last record of a file; nil when it holds none.
    private func end(of number: Int) throws(JournalError) -> (head: RecordPosition, time: String)? {
        let recovery = try ChainRecovery.scan(JournalFile(path: path(of: number), mayMake: false))
        guard let head = recovery.head, let time = recovery.time, recovery.tornBytes == 0 else { return nil }
        return (head, time)
    }

    /// Each file goes on from the one before: the one that stays, from what is signed as the end of what was removed.
    private func check(_ number: Int, follows head: RecordPosition) throws(JournalError) {
        let file = path(of: number)
        do throws(JournalReadError) {
            let line = try JournalReader(path: file).next()
            // A writer that has just begun the file has written nothing yet.
            guard let line, line.ending == .lineFeed else { return }
            guard let frame = RecordFrame(line.bytes), frame.prev == head.hash, frame.seq == head.seq + 1 else {
                throw JournalReadError("`\(file)` does not go on from record \(head.seq): nothing is removed")
            }
        } catch {
            throw JournalError(error.description)
        }
    }

    /// Removes files one by one: after a loss of power none is gone that is younger than one that is there.
    private func remove(_ numbers: [Int]) throws(JournalError) {
        for number in numbers {
            let path = path(of: number)
            guard unlink(path) == 0 || errno == ENOENT else { throw .last("removing `\(path)`") }
            Files.syncDirectory(of: path)
        }
    }
}
