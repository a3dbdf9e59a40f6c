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
    /// What it finds on its standard input, at most `maximumInput` bytes; nothing when it is empty.
    package var input: [UInt8]

    /// As much as a pipe takes before anybody reads from it.
    package static let maximumInput = 4096

    package init(
        _ program: String,
        _ arguments: [String] = [],
        environment: [String: String] = [:],
        directory: String? = nil,
        input: [UInt8] = []
    ) {
        self.program = program
        self.arguments = arguments
        self.environment = environment
        self.directory = directory
        self.input = input
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
