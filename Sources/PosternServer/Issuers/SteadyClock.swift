internal import Glibc
internal import PosternCore

/// The clock that deadlines of fetches and the ages of key sets are measured with. It counts a suspended machine's time.
enum SteadyClock {
    static func now() -> MonotonicTime {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return MonotonicTime(nanoseconds: UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec))
    }
}
