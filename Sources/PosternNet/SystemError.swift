internal import Glibc

/// A system call that failed, with the name of the call and its errno.
package struct SystemError: Error, Hashable, Sendable, CustomStringConvertible {
    package let call: String
    package let code: Int32

    package init(_ call: String, _ code: Int32) {
        self.call = call
        self.code = code
    }

    /// The error that the last failed call of this thread left in errno.
    package static func last(_ call: String) -> SystemError {
        SystemError(call, errno)
    }

    package var description: String { "\(call): \(String(cString: strerror(code)))" }
}
