internal import CLibPQ
internal import Glibc
internal import PosternCore
internal import PosternNet

/// A connection of libpq for one blocking thread, with an end to every wait.
///
/// Confined to the thread that opened it. Ends with its last reference.
final class LibPQConnection {
    /// How long a wait may last before somebody looks whether it is still wanted.
    private static let slice = Duration.milliseconds(100)

    let connection: OpaquePointer
    private let isStopped: @Sendable () -> Bool

    /// Connects and logs in.
    ///
    /// - Parameters:
    ///   - parameters: from `LibPQOption.closed`; `password` is not among them.
    ///   - password: without a NUL.
    ///   - isStopped: asked at least ten times a second.
    /// - Throws: with libpq's words, which never hold the password.
    init(
        _ parameters: [String: String],
        password: Redacted<[UInt8]>,
        deadline: MonotonicTime,
        isStopped: @escaping @Sendable () -> Bool
    ) throws(LibPQFailure) {
        guard let connection = Self.begin(parameters, password) else { throw LibPQFailure("libpq is out of memory") }
        self.connection = connection
        self.isStopped = isStopped
        // Otherwise a server's notices would go to the standard error output.
        PQsetNoticeReceiver(connection, { _, _ in }, nil)
        do throws(LibPQFailure) {
            try logIn(deadline)
        } catch {
            guard parameters["user"].map({ password.reveal().elementsEqual($0.utf8) }) ?? false || !mentions(password)
            else { throw LibPQFailure("the server refused the login in words that are not repeated here") }
            throw error
        }
        PQsetnonblocking(connection, 1)
    }

    deinit { PQfinish(connection) }

    /// What the server reported at login, nil when it did not.
    func parameter(_ name: String) -> String? {
        PQparameterStatus(connection, name).map { String(cString: $0) }
    }

    /// Keyword and value arrays: a conninfo string would read words out of values.
    private static func begin(_ parameters: [String: String], _ password: Redacted<[UInt8]>) -> OpaquePointer? {
        var words: [(keyword: [CChar], value: [CChar])] = parameters.map {
            (Array($0.key.utf8CString), Array($0.value.utf8CString))
        }
        words.append((Array("password".utf8CString), password.reveal().map { CChar(bitPattern: $0) } + [0]))
        let keywords = words.map { strdup($0.keyword) }
        let values = words.map { strdup($0.value) }
        defer {
            for pointer in keywords { free(pointer) }
            for pointer in values { free(pointer) }
        }
        guard !keywords.contains(nil), !values.contains(nil) else { return nil }
        let keywordList = keywords.map { UnsafePointer($0) } + [nil]
        let valueList = values.map { UnsafePointer($0) } + [nil]
        return PQconnectStartParams(keywordList, valueList, 0)
    }

    private func logIn(_ deadline: MonotonicTime) throws(LibPQFailure) {
        guard PQstatus(connection) != CONNECTION_BAD else { throw lastError }
        // The socket must be writable first, and may be another one after each step.
        var events = Int16(POLLOUT)
        while true {
            guard try wait(for: events, until: deadline) else { continue }
            switch PQconnectPoll(connection) {
            case PGRES_POLLING_OK: return
            case PGRES_POLLING_READING: events = Int16(POLLIN)
            case PGRES_POLLING_WRITING: events = Int16(POLLOUT)
            default: throw lastError
            }
        }
    }

    // MARK: Queries

    /// Runs one statement and lends each of its rows, as it comes.
    func run(
        _ statement: String,
        until deadline: MonotonicTime,
        row: (LibPQRow) throws(LibPQFailure) -> Void = { _ in }
    ) throws(LibPQFailure) {
        guard PQsendQuery(connection, statement) == 1, PQsetSingleRowMode(connection) == 1 else { throw lastError }
        try flush(deadline)
        var failure: LibPQFailure?
        while let result = try nextResult(deadline) {
            defer { PQclear(result) }
            switch PQresultStatus(result) {
            case PGRES_SINGLE_TUPLE: try row(LibPQRow(result))
            case PGRES_TUPLES_OK, PGRES_COMMAND_OK: break
            // What is still to come is taken off, so that the connection can be used again.
            default: failure = failure ?? Self.failure(of: result)
            }
        }
        if let failure { throw failure }
    }

    /// What a result that is an error says, and its code: never what the server's detail quotes, nor a value that it
    /// will not have.
    static func failure(of result: OpaquePointer) -> LibPQFailure {
        // `C` and `M`, the code and the message: the header's character constants do not come over.
        let code = PQresultErrorField(result, Int32(UInt8(ascii: "C"))).map { String(cString: $0) }
        guard let code, let words = PQresultErrorField(result, Int32(UInt8(ascii: "M"))) else {
            return LibPQFailure(String(cString: PQresultErrorMessage(result)))
        }
        let isAboutData = code.hasPrefix("22") || code.hasPrefix("23")
        let text = isAboutData ? "the server refused a value" : String(cString: words)
        return LibPQFailure("\(code): \(text)", sqlState: code)
    }

    func flush(_ deadline: MonotonicTime) throws(LibPQFailure) {
        while true {
            let rest = PQflush(connection)
            if rest == 0 { return }
            guard rest > 0 else { throw lastError }
            _ = try wait(for: Int16(POLLIN | POLLOUT), until: deadline)
            guard PQconsumeInput(connection) == 1 else { throw lastError }
        }
    }

    /// - Returns: nil behind the last result.
    func nextResult(_ deadline: MonotonicTime) throws(LibPQFailure) -> OpaquePointer? {
        while PQisBusy(connection) == 1 {
            // Whatever comes of the wait: TLS may hold bytes that the socket no longer has.
            _ = try wait(for: Int16(POLLIN), until: deadline)
            guard PQconsumeInput(connection) == 1 else { throw lastError }
        }
        return PQgetResult(connection)
    }

    /// - Returns: false when nothing happened for a while.
    private func wait(for events: Int16, until deadline: MonotonicTime) throws(LibPQFailure) -> Bool {
        guard !isStopped() else { throw .stopped }
        let left = deadline.since(.now)
        guard left > .zero else { throw LibPQFailure("timed out") }
        var descriptor = pollfd(fd: PQsocket(connection), events: events, revents: 0)
        let pause = min(left, Self.slice).inMicroseconds / 1000 + 1
        let count = poll(&descriptor, 1, Int32(pause))
        guard count >= 0 || errno == EINTR else { throw LibPQFailure("cannot wait for the server") }
        return count > 0
    }

    // MARK: Errors

    var lastError: LibPQFailure { LibPQFailure(String(cString: PQerrorMessage(connection))) }

    /// libpq does not put a password into its words; a server that was given it in clear might put it into its own.
    private func mentions(_ password: Redacted<[UInt8]>) -> Bool {
        let text = Array(String(cString: PQerrorMessage(connection)).utf8)
        let part = password.reveal()
        guard !part.isEmpty, part.count <= text.count else { return false }
        return (0...(text.count - part.count)).contains { text[$0..<($0 + part.count)].elementsEqual(part) }
    }
}

/// A row of a result, lent while it is there.
struct LibPQRow {
    private let result: OpaquePointer

    fileprivate init(_ result: OpaquePointer) { self.result = result }

    /// The bytes of all columns.
    var size: Int { (0..<PQnfields(result)).reduce(0) { $0 + Int(PQgetlength(result, 0, $1)) } }

    /// The bytes of a column in text format, empty for NULL.
    func bytes(_ column: Int32) -> UnsafeBufferPointer<UInt8> {
        let count = Int(PQgetlength(result, 0, column))
        guard let start = PQgetvalue(result, 0, column) else { return UnsafeBufferPointer(start: nil, count: 0) }
        return UnsafeRawBufferPointer(start: start, count: count).bindMemory(to: UInt8.self)
    }
}
