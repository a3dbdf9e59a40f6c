internal import Glibc
internal import PosternCrypto

/// The names of a chain's files.
enum ChainFiles {
    static func fileName(of name: String, number: Int) -> String {
        let digits = String(number)
        return name + "-" + String(repeating: "0", count: max(0, 6 - digits.count)) + digits + ".jsonl"
    }

    static func path(of name: String, number: Int, in directory: String) -> String {
        directory + "/" + fileName(of: name, number: number)
    }

    static func statePath(of name: String, in directory: String) -> String {
        directory + "/" + name + ".state"
    }

    /// The numbers of the files that are there, in order.
    static func numbers(of name: String, in directory: String) throws(JournalError) -> [Int] {
        guard let stream = opendir(directory) else { throw .last("reading `\(directory)`") }
        defer { closedir(stream) }
        var numbers: [Int] = []
        while let entry = readdir(stream) {
            let file = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard file.hasPrefix(name + "-"), file.hasSuffix(".jsonl") else { continue }
            let digits = file.dropFirst(name.utf8.count + 1).dropLast(6)
            if let number = Int(digits), fileName(of: name, number: number) == file { numbers.append(number) }
        }
        return numbers.sorted()
    }

    /// What the chain's last writer signed; nil when there is no such file.
    ///
    /// - Throws: when the file is there and nobody with our key signed it.
    static func state(of name: String, in directory: JournalDirectory) throws(JournalError) -> ChainState? {
        let path = statePath(of: name, in: directory.path)
        guard let bytes = try Files.read(path, limit: ChainState.maximumSize) else { return nil }
        guard let state = ChainState(bytes, trust: directory.trust) else {
            throw JournalError(
                "`\(path)` is not signed by the journal's key",
                hint: "keep the folder for the auditors and give the gateway a new `audit.directory`"
            )
        }
        return state
    }
}

extension ChainState {
    /// The last writer did not stop cleanly.
    var isOpen: Bool {
        switch status {
        case .open: true
        case .closed: false
        }
    }
}
