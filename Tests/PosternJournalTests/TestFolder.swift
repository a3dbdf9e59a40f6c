import Glibc
import PosternJournal

/// A folder in the system's place for temporary files, gone with this value.
final class TestFolder {
    let path: String

    init() throws {
        var template = Array("/tmp/postern-journal-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw JournalReadError("mkdtemp failed") }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        if let stream = opendir(path) {
            while let entry = readdir(stream) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                unlink(path + "/" + name)
            }
            closedir(stream)
        }
        rmdir(path)
    }

    func write(_ name: String, _ bytes: [UInt8]) throws {
        guard let file = fopen(path + "/" + name, "w") else { throw JournalReadError("fopen failed") }
        defer { fclose(file) }
        guard fwrite(bytes, 1, bytes.count, file) == bytes.count else { throw JournalReadError("fwrite failed") }
    }

    func remove(_ name: String) { unlink(path + "/" + name) }

    func link(_ name: String, to target: String) { symlink(target, path + "/" + name) }

    /// Writes the chain's files and its state.
    func write(_ chain: TestChain, status: ChainState.Status) throws {
        for (index, bytes) in chain.bytes.enumerated() { try write("\(chain.name)-00000\(index + 1).jsonl", bytes) }
        let state = ChainState(chain: chain.chain.id, status: status)
        try write(chain.name + ".state", state.signed(by: chain.key))
    }
}
