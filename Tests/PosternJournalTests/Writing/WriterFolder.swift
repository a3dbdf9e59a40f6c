import Glibc
import PosternCore
import PosternJournal
import Testing

/// A journal folder that goes with the test.
final class WriterFolder {
    let path: String

    init() {
        var template = Array("/tmp/postern-journal-XXXXXX".utf8CString)
        mkdtemp(&template)
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { remove(path) }

    private func remove(_ path: String) {
        for name in names(path) where unlink("\(path)/\(name)") != 0 { remove("\(path)/\(name)") }
        rmdir(path)
    }

    func names(_ folder: String? = nil) -> [String] {
        guard let stream = opendir(folder ?? path) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    func size(of name: String) -> Int {
        var status = stat()
        return stat("\(path)/\(name)", &status) == 0 ? Int(status.st_size) : 0
    }

    /// One writer's life: the folder's lock is given back when the closure returns.
    func write(
        rotateSize: Int = 1 << 20,
        close: Bool = true,
        _ body: (JournalWriter) throws -> Void = { _ in }
    ) throws {
        let directory = try JournalDirectory(path: path, signingKeyFile: nil)
        let syncer = JournalSyncer { _ in }
        let writer = try JournalWriter(
            directory: directory,
            syncer: syncer,
            name: "loop-0",
            gateway: "gw",
            rotateSize: rotateSize,
            now: Timestamp(seconds: 1_800_000_000)
        )
        try body(writer)
        if close { try writer.close(now: Timestamp(seconds: 1_800_000_100)) }
    }

    func verify() throws -> ChainReport {
        let report = try JournalVerifier(directory: path).verify()
        #expect(report.problems.isEmpty)
        return try #require(report.chains.first)
    }
}
