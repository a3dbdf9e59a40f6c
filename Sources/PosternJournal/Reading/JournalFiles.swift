internal import Glibc

/// Why a journal cannot be read. The text is for the person who asked.
package struct JournalReadError: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }

    /// The last failed system call of this thread.
    static func last(_ operation: String) -> JournalReadError {
        JournalReadError("\(operation): \(String(cString: strerror(errno)).lowercased())")
    }
}

/// The chains that a journal's folder holds, by name, and their files in order.
package struct JournalFiles: Hashable, Sendable {
    package struct Chain: Hashable, Sendable {
        package let name: String
        /// File names without the folder: `NAME-000001.jsonl` …, in the order in which they were written.
        package fileprivate(set) var files: [String] = []
        /// The numbers in the names, in the same order.
        package fileprivate(set) var numbers: [Int] = []
        /// Whether there is a `NAME.state`.
        package fileprivate(set) var hasState = false

        package var stateFile: String { JournalFiles.stateFile(of: name) }
    }

    package let directory: String
    /// Sorted by name. A chain is listed when it has a file or a state.
    package let chains: [Chain]

    package static let keyFile = "checkpoint.pub"
    private static let recordsSuffix = ".jsonl"
    private static let stateSuffix = ".state"
    private static let digits = 6
    /// A folder with more entries is not a journal's.
    private static let maximumEntries = 1_000_000

    package init(directory: String) throws(JournalReadError) {
        var chains: [String: Chain] = [:]
        for entry in try Self.entries(of: directory) {
            if let (name, number) = Self.parse(entry) {
                chains[name, default: Chain(name: name)].numbers.append(number)
            } else if entry.hasSuffix(Self.stateSuffix), entry.utf8.count > Self.stateSuffix.utf8.count {
                let name = String(entry.dropLast(Self.stateSuffix.count))
                chains[name, default: Chain(name: name)].hasState = true
            }
        }
        self.directory = directory
        self.chains = chains.values.sorted { $0.name < $1.name }.map { chain in
            var chain = chain
            chain.numbers.sort()
            chain.files = chain.numbers.map { Self.fileName(of: chain.name, number: $0) }
            return chain
        }
    }

    package func path(of file: String) -> String { directory + "/" + file }

    /// The name of a chain's state file.
    package static func stateFile(of name: String) -> String { name + stateSuffix }

    /// The name of the file that says which of a chain's records were removed.
    package static func retentionFile(of name: String) -> String { name + ".retained" }

    /// Where endorsed keys are, and what their files' names end with.
    static let keyFolder = "keys"
    static let keySuffix = ".key"

    static func fileName(of name: String, number: Int) -> String {
        let text = String(number)
        return name + "-" + String(repeating: "0", count: max(0, digits - text.count)) + text + recordsSuffix
    }

    /// Takes only the one spelling that a writer uses, so that no two names mean the same file.
    private static func parse(_ entry: String) -> (name: String, number: Int)? {
        guard entry.hasSuffix(recordsSuffix) else { return nil }
        let stem = entry.dropLast(recordsSuffix.count)
        guard let dash = stem.lastIndex(of: "-"), let number = Int(stem[stem.index(after: dash)...]), number > 0
        else { return nil }
        let name = String(stem[..<dash])
        return !name.isEmpty && fileName(of: name, number: number) == entry ? (name, number) : nil
    }

    static func entries(of directory: String) throws(JournalReadError) -> [String] {
        guard let stream = opendir(directory) else { throw .last("reading `\(directory)`") }
        defer { closedir(stream) }
        var entries: [String] = []
        errno = 0
        while let entry = readdir(stream) {
            // `d_name` ends with a zero byte inside its 256.
            entries.append(
                withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
            )
            guard entries.count <= maximumEntries else {
                throw JournalReadError("`\(directory)` has more than \(maximumEntries) entries")
            }
            errno = 0
        }
        guard errno == 0 else { throw .last("reading `\(directory)`") }
        return entries
    }
}
