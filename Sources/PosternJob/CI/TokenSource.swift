package import PosternCore

/// Where the job's token comes from.
package enum TokenSource: Sendable {
    /// It stands in a variable; the CI system gave one for the whole job.
    case variable(String, Redacted<[UInt8]>)
    /// It came out of a pipe, which gives it once.
    case once(String, Redacted<[UInt8]>)
    /// Somebody keeps the file fresh: it is read for each connection.
    case file(String)
    /// A program prints it. Run without a shell.
    case command([String])
    /// The CI system's own service gives one for each request.
    case service(TokenRequest)

    /// Whether asking again gives another token.
    package var isRenewable: Bool {
        switch self {
        case .variable, .once: false
        case .file, .command, .service: true
        }
    }

    /// For people: `the variable POSTERN_ID_TOKEN`.
    package var description: String {
        switch self {
        case .variable(let name, _): "the variable \(name)"
        case .file(let path), .once(let path, _): "the file `\(path)`"
        case .command(let arguments): "the output of `\(arguments.first ?? "")`"
        case .service(let request): "\(request.address.origin)"
        }
    }
}

/// A request for a token to a CI system's own service.
package struct TokenRequest: Sendable {
    package enum Method: String, Sendable {
        case get = "GET"
        case post = "POST"
    }

    package let method: Method
    package let address: WebAddress
    /// The value of `Authorization`, without the scheme.
    package let bearer: Redacted<String>
    /// The member of the JSON reply that is the token.
    package let member: String
}
