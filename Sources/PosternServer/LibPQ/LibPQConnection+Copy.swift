internal import CLibPQ
internal import PosternCore

extension LibPQConnection {
    /// What is given to libpq at once: it copies into a buffer of its own, which must not hold everything twice.
    private static let copyChunk = 64 << 10

    /// Runs a `COPY … FROM STDIN` and sends all of `bytes` as its data.
    ///
    /// - Throws: when the server refuses a row; nothing of the data is taken then.
    func copy(_ statement: String, _ bytes: [UInt8], until deadline: MonotonicTime) throws(LibPQFailure) {
        guard PQsendQuery(connection, statement) == 1 else { throw lastError }
        try flush(deadline)
        guard let first = try nextResult(deadline) else { throw lastError }
        defer { PQclear(first) }
        guard PQresultStatus(first) == PGRES_COPY_IN else { throw Self.failure(of: first) }
        var start = 0
        while start < bytes.count {
            let end = min(start + Self.copyChunk, bytes.count)
            try put(bytes[start..<end])
            // Waits until the server has taken it, with an end to the wait.
            try flush(deadline)
            start = end
        }
        guard PQputCopyEnd(connection, nil) == 1 else { throw lastError }
        try flush(deadline)
        var failure: LibPQFailure?
        while let result = try nextResult(deadline) {
            defer { PQclear(result) }
            if PQresultStatus(result) != PGRES_COMMAND_OK, failure == nil { failure = Self.failure(of: result) }
        }
        if let failure { throw failure }
    }

    private func put(_ bytes: ArraySlice<UInt8>) throws(LibPQFailure) {
        // Unsafe, because libpq takes a pointer: valid during the call, which copies. The buffer is empty by `flush`,
        // so that there is room for it.
        let status = bytes.withUnsafeBytes { bytes in
            PQputCopyData(connection, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(bytes.count))
        }
        guard status == 1 else { throw lastError }
    }
}
