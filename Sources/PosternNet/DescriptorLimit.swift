internal import Glibc
internal import Synchronization

/// How many descriptors this process may have open (RLIMIT_NOFILE).
package enum DescriptorLimit {
    private static let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    /// The soft limit as it was before it was raised.
    private static let original = Mutex<rlim_t?>(nil)

    /// Raises the soft limit, to the hard one at most.
    ///
    /// - Parameter wanted: what is enough; as much as there is when nil.
    package static func raise(to wanted: UInt64? = nil) {
        original.withLock { original in
            var limit = rlimit()
            guard getrlimit(resource, &limit) == 0 else { return }
            let new = min(limit.rlim_max, rlim_t(wanted ?? .max))
            guard new > limit.rlim_cur else { return }
            if original == nil { original = limit.rlim_cur }
            limit.rlim_cur = new
            setrlimit(resource, &limit)
        }
    }

    /// Runs `body`, which starts a program, with the soft limit as it was: programs that close all descriptors that there
    /// could be, or give each a bit of a set, would suffer from ours.
    static func asBefore<Result>(_ body: () -> Result) -> Result {
        original.withLock { original in
            guard let original else { return body() }
            var limit = rlimit()
            guard getrlimit(resource, &limit) == 0 else { return body() }
            let raised = limit
            limit.rlim_cur = original
            setrlimit(resource, &limit)
            defer {
                var raised = raised
                setrlimit(resource, &raised)
            }
            return body()
        }
    }
}
