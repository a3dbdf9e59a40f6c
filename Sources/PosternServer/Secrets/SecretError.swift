/// Why a secret could not be had. Says where it was looked for and never what was found.
package enum SecretError: Error, Hashable, Sendable, CustomStringConvertible {
    /// With the system's words.
    case unreadableFile(path: String, reason: String)
    case missingVariable(name: String)
    /// The program could not be started.
    case notStarted(program: String, reason: String)
    case timedOut(program: String)
    /// It ended with this exit code, 128 and the signal's number after a signal.
    case failed(program: String, code: Int32)
    case tooLarge(source: String)
    case empty(source: String)
    /// It holds a NUL, which no password can.
    case unusable(source: String)
    /// Too many secrets are being read at once.
    case overloaded

    package var description: String {
        switch self {
        case .unreadableFile(let path, let reason): "cannot read the secret file `\(path)`: \(reason)"
        case .missingVariable(let name): "the variable `\(name)` is not set"
        case .notStarted(let program, let reason): "cannot start `\(program)`: \(reason)"
        case .timedOut(let program): "`\(program)` did not end in time"
        case .failed(let program, let code): "`\(program)` ended with code \(code)"
        case .tooLarge(let source): "the secret of `\(source)` is larger than 64 KiB"
        case .empty(let source): "the secret of `\(source)` is empty"
        case .unusable(let source): "the secret of `\(source)` holds a NUL"
        case .overloaded: "too many secrets are being read"
        }
    }
}
