internal import CPosternLinux
internal import Glibc

/// A program to run in this process's place, as `env` would: its arguments and variables are bytes, not text.
package struct ForegroundCommand: Sendable {
    /// The program's path or name, then its arguments.
    package let arguments: [[UInt8]]
    /// The whole environment, as `NAME=value`.
    package let environment: [[UInt8]]

    /// - Precondition: there is at least the program, and no NUL anywhere.
    package init(arguments: [[UInt8]], environment: [[UInt8]]) {
        precondition(!arguments.isEmpty, "a command has a program")
        self.arguments = arguments
        self.environment = environment
    }

    var program: String { String(decoding: arguments[0], as: UTF8.self) }
}

extension ChildProcess {
    /// Starts a program in this process's own group, with all of its descriptors that are to be inherited, and with the
    /// signals as they were before `intake` blocked some.
    ///
    /// - Throws: `ProcessError`: ENOENT when there is no such program, other codes when it cannot be run.
    package convenience init(foreground command: ForegroundCommand, intake: SignalIntake) throws(ProcessError) {
        // A shell may have left SIGCHLD ignored; the kernel would keep the child's exit code to itself then.
        Glibc.signal(SIGCHLD, SIG_DFL)
        var code = Self.spawnForeground(command.arguments, command.environment, intake)
        if case .failure(let error) = code, error.code == ENOEXEC {
            // A script without a line that names its interpreter is the shell's (POSIX, execvp), by the path at which it
            // was found.
            let script = Self.found(command.arguments[0])
            let arguments = [Array("/bin/sh".utf8), script] + command.arguments.dropFirst()
            code = Self.spawnForeground(arguments, command.environment, intake)
        }
        switch code {
        case .success(let identifier): try self.init(started: identifier, program: command.program, isGroup: false)
        case .failure(let error): throw ProcessError("cannot run `\(command.program)`", error.code)
        }
    }

    /// Where a program of this name is, as `posix_spawnp` finds it.
    private static func found(_ program: [UInt8]) -> [UInt8] {
        guard !program.contains(UInt8(ascii: "/")), let path = getenv("PATH") else { return program }
        let folders = Array(UnsafeRawBufferPointer(start: path, count: strlen(path)))
            .split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        for folder in folders {
            let candidate = (folder.isEmpty ? Array("./".utf8) : folder + [UInt8(ascii: "/")]) + program
            if isProgram(candidate) { return candidate }
        }
        return program
    }

    /// Folders may be entered, as programs may be run.
    private static func isProgram(_ path: [UInt8]) -> Bool {
        withPointers([path]) { pointers in
            guard let path = pointers[0] else { return false }
            var status = stat()
            return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && access(path, X_OK) == 0
        }
    }

    private static func spawnForeground(
        _ arguments: [[UInt8]],
        _ environment: [[UInt8]],
        _ intake: SignalIntake
    ) -> Result<Int32, SystemError> {
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var mask = intake.originalMask
        posix_spawnattr_setsigmask(&attributes, &mask)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var identifier: pid_t = 0
        let code = withPointers(arguments) { arguments in
            withPointers(environment) { environment in
                // Out of memory, the only way to have no first argument.
                guard let program = arguments[0] else { return ENOMEM }
                return DescriptorLimit.asBefore {
                    posix_spawnp(&identifier, program, nil, &attributes, arguments, environment)
                }
            }
        }
        return code == 0 ? .success(identifier) : .failure(SystemError("posix_spawnp", code))
    }

    /// Calls `body` with a NULL-terminated array of C strings.
    private static func withPointers<Result>(
        _ strings: [[UInt8]],
        _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
    ) -> Result {
        var pointers: [UnsafeMutablePointer<CChar>?] = strings.map { string in
            (string + [0]).map(CChar.init(bitPattern:)).withUnsafeBufferPointer {
                $0.baseAddress.flatMap { strdup($0) }
            }
        }
        pointers.append(nil)
        defer { for pointer in pointers { free(pointer) } }
        return body(pointers)
    }
}
