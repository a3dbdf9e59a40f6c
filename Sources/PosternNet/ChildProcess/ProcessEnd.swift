internal import Glibc
internal import Synchronization

/// How this process ends.
///
/// Not by `exit`: that calls the destructors of libraries, OpenSSL's and those below libcurl, while event loops and
/// pool threads still call the libraries.
package enum ProcessEnd {
    /// The programs that do not outlive this process.
    private static let children = Mutex<[ObjectIdentifier: ChildProcess]>([:])

    /// Ends this process at once, and the groups of the programs that are to end with it. What was printed is written.
    package static func exit(_ code: Int32) -> Never {
        // Never unlocked: nothing is started any more.
        children.withLock { children in
            for child in children.values { child.signalGroup(SIGKILL) }
            fflush(nil)
            _exit(code)
        }
    }

    /// Starts a program that ends with this process, until it is let go.
    static func start(
        _ make: () throws(ProcessError) -> ChildProcess
    ) throws(ProcessError) -> ChildProcess {
        let result: Result<ChildProcess, ProcessError> = children.withLock { children in
            do throws(ProcessError) {
                let child = try make()
                children[ObjectIdentifier(child)] = child
                return .success(child)
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    /// The program has ended, with its group.
    static func letGo(of child: ChildProcess) {
        children.withLock { $0[ObjectIdentifier(child)] = nil }
    }
}
