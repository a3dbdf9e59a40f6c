internal import Glibc

/// How a process ended.
package enum ProcessExit: Hashable, Sendable, CustomStringConvertible {
    case code(Int32)
    case signal(Int32)

    package var succeeded: Bool { self == .code(0) }

    /// In a person's words, to follow the program's name: `exited with code 2`.
    package var description: String {
        switch self {
        case .code(let code): "exited with code \(code)"
        case .signal(let signal): "was ended by signal \(signal)"
        }
    }
}

/// What to run, and with what around it.
package struct ProcessCommand: Sendable {
    /// The program's path, or its name to be looked up in this process's PATH.
    package var program: String
    package var arguments: [String]
    /// The whole environment: nothing is inherited.
    package var environment: [String: String]
    package var directory: String?

    package init(
        _ program: String,
        _ arguments: [String] = [],
        environment: [String: String] = [:],
        directory: String? = nil
    ) {
        self.program = program
        self.arguments = arguments
        self.environment = environment
        self.directory = directory
    }
}

/// A process that could not be started or watched.
package struct ProcessError: Error, CustomStringConvertible {
    package let description: String
    /// The errno.
    package let code: Int32

    init(_ doing: String, _ code: Int32) {
        self.code = code
        description = "\(doing): \(String(cString: strerror(code)))"
    }
}
