internal import Glibc

/// Reads single records of a file by where they begin.
final class RecordReader {
    private let path: String
    private let descriptor: Int32
    private static let guess = 4096

    init(path: String) throws(JournalReadError) {
        self.path = path
        descriptor = try JournalReader.openRegular(path)
    }

    deinit { close(descriptor) }

    /// The record whose line begins there; nil when none does.
    func record(at offset: Int) throws(JournalReadError) -> JournalRecord? {
        if offset > 0, try bytes(at: offset - 1, count: 1) != [UInt8(ascii: "\n")] { return nil }
        var count = Self.guess
        while true {
            let bytes = try bytes(at: offset, count: count)
            if let feed = bytes.firstIndex(of: UInt8(ascii: "\n")) { return JournalRecord(Array(bytes[..<feed])) }
            guard bytes.count == count, count <= RecordEncoder.maximumLine else { return nil }
            count *= 8
        }
    }

    /// What stands before a place; fewer bytes at the file's beginning.
    func bytes(before offset: Int, count: Int) throws(JournalReadError) -> [UInt8] {
        let start = max(0, offset - count)
        return try bytes(at: start, count: offset - start)
    }

    /// Fewer bytes at the file's end.
    private func bytes(at offset: Int, count: Int) throws(JournalReadError) -> [UInt8] {
        var failure: JournalReadError?
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            while initialized < count {
                let got = pread(
                    descriptor,
                    buffer.baseAddress.map { $0 + initialized },
                    count - initialized,
                    offset + initialized
                )
                if got < 0, errno == EINTR { continue }
                if got < 0 { failure = .last("reading `\(path)`") }
                guard got > 0 else { return }
                initialized += got
            }
        }
        if let failure { throw failure }
        return bytes
    }
}
