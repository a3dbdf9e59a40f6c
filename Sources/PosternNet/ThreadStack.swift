internal import CPosternLinux

/// The stacks of the process's threads.
package enum ThreadStack {
    /// Gives every thread that is made from now on a stack of this many bytes, committed only as it is used. Dispatch
    /// takes no size of its own: call it before anything touches Dispatch.
    ///
    /// - Throws: `SystemError`, when the system refuses the size.
    package static func setDefault(bytes: Int) throws(SystemError) {
        let code = postern_set_default_stack(bytes)
        guard code == 0 else { throw SystemError("pthread_setattr_default_np", code) }
    }
}
