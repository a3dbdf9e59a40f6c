internal import CPosternLinux

/// What others may read of this process's memory.
package enum ProcessMemory {
    /// From now on no core file is left, whatever the limits say, and nobody but root may read the memory (`ptrace`,
    /// `/proc/PID/mem`). Children that run another program are not bound by the second.
    ///
    /// - Throws: `SystemError`, when the system refuses.
    package static func keepPrivate() throws(SystemError) {
        let code = postern_keep_memory_private()
        guard code == 0 else { throw SystemError("prctl", code) }
    }

    /// From now on nobody but root may read the memory, and the variables (`/proc/PID/environ`). Limits stay as they are:
    /// children inherit those.
    ///
    /// - Throws: `SystemError`, when the system refuses.
    package static func hide() throws(SystemError) {
        let code = postern_hide_memory()
        guard code == 0 else { throw SystemError("prctl", code) }
    }
}
