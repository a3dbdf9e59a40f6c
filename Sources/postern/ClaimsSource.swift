internal import Glibc
internal import PosternCore

/// Claims that a person hands to a tool: nobody has verified them.
struct ClaimsSource: Sendable {
    struct Failure: Error {
        let reason: String
    }

    /// More than the gateway takes of a token.
    private static let limits = JSONParser.Limits(bytes: 64 << 10, depth: 16)

    let claims: JSONObject
    /// `claims in job.json`, for people.
    let description: String

    /// One of the two is there: the command's `validate` has seen to it.
    init(claimsFile: String?, tokenFile: String?) throws(Failure) {
        if let claimsFile {
            try self.init(claimsFile: claimsFile)
        } else {
            try self.init(tokenFile: tokenFile ?? "")
        }
    }

    /// - Parameter path: a file with a JSON object.
    private init(claimsFile path: String) throws(Failure) {
        claims = try Self.object(InputFile.read(path), in: path)
        description = "claims in \(path), not verified"
    }

    /// - Parameter path: a file with a JWT in compact form; white space around it is ignored.
    private init(tokenFile path: String) throws(Failure) {
        let token = try InputFile.read(path).split(whereSeparator: { $0 == 0x20 || (9...13).contains($0) })
        let parts = token.first?.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false) ?? []
        guard token.count == 1, parts.count == 3, let payload = Base64.decode(parts[1], .url) else {
            throw Failure(reason: "`\(path)` holds no token: three parts of base64url with dots between them")
        }
        claims = try Self.object(payload, in: path)
        description = "token in \(path), not verified"
    }

    private static func object(_ bytes: [UInt8], in path: String) throws(Failure) -> JSONObject {
        let value: JSONValue
        do {
            value = try JSONParser.parse(bytes, limits: limits)
        } catch {
            throw Failure(reason: "`\(path)` is not JSON: \(error.description)")
        }
        guard case .object(let claims) = value else {
            throw Failure(reason: "`\(path)` is \(value.kind), not an object")
        }
        return claims
    }
}

/// Reads what a person names on the command line, with a bound.
enum InputFile {
    /// No statement or token comes near.
    private static let maximumSize = 64 << 20

    static func read(_ path: String) throws(ClaimsSource.Failure) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path, errno) }
        defer { close(descriptor) }
        return try read(descriptor, named: path)
    }

    static func readStandardInput() throws(ClaimsSource.Failure) -> [UInt8] {
        try read(STDIN_FILENO, named: "standard input")
    }

    private static func read(_ descriptor: Int32, named name: String) throws(ClaimsSource.Failure) -> [UInt8] {
        var contents: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure(name, errno) }
            if count == 0 { return contents }
            guard contents.count + count <= maximumSize else {
                throw ClaimsSource.Failure(reason: "`\(name)` is larger than 64 MiB")
            }
            contents.append(contentsOf: buffer[..<count])
        }
    }

    private static func failure(_ name: String, _ code: Int32) -> ClaimsSource.Failure {
        ClaimsSource.Failure(reason: "cannot read `\(name)`: \(String(cString: strerror(code)))")
    }
}
