internal import Glibc
package import PosternCore

/// The machine's clocks, for code that acts. Code that decides is handed the values.
extension MonotonicTime {
    /// CLOCK_MONOTONIC, read without a system call.
    package static var now: MonotonicTime {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return MonotonicTime(nanoseconds: UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec))
    }
}

extension Timestamp {
    /// CLOCK_REALTIME, read without a system call.
    package static var now: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(microseconds: Int64(time.tv_sec) &* 1_000_000 &+ Int64(time.tv_nsec) / 1000)
    }
}
