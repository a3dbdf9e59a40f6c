internal import ArgumentParser
internal import Glibc

/// The two streams: results go to stdout, everything else to stderr.
enum Output {
    static func result(_ text: String) {
        write(text, to: STDOUT_FILENO)
    }

    static func diagnostics(_ text: String) {
        write(text, to: STDERR_FILENO)
    }

    /// `postern: error: …` and, where there is one, `postern: hint: …`.
    static func error(_ message: String, hint: String? = nil) {
        write("postern: error: \(message)\n", to: STDERR_FILENO)
        if let hint { write("postern: hint: \(hint)\n", to: STDERR_FILENO) }
    }

    private static func write(_ text: String, to descriptor: Int32) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}

/// How every command ends (contract, section 2).
extension ExitCode {
    /// The answer is no.
    static let no = ExitCode(1)
    /// Usage or configuration.
    static let unusable = ExitCode(2)
}
