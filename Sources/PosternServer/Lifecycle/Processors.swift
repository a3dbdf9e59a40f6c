internal import CPosternLinux

/// What the machine gives to this process.
enum Processors {
    /// Cores that this process may use, at least 1.
    static var available: Int {
        max(1, Int(postern_available_processors()))
    }

    /// Event loops that serve best where nothing else is known: half the cores. The other half is the kernel's, which
    /// moves the bytes, and the database's or the jobs' where they are on the same machine.
    static var defaultLoops: Int { max(1, available / 2) }
}
