internal import Glibc

/// Why the journal cannot be opened or written. The text is for logs and for the person who starts the gateway.
package struct JournalError: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String
    /// What that person can do about it.
    package let hint: String?

    init(_ description: String, hint: String? = nil) {
        self.description = description
        self.hint = hint
    }

    /// The last failed system call of this thread.
    static func last(_ operation: String) -> JournalError {
        JournalError("\(operation): \(String(cString: strerror(errno)).lowercased())")
    }
}
