internal import Glibc

/// The standard `process_*` metrics, read from /proc at each scrape.
///
/// What cannot be read is absent.
struct ProcessStatistics {
    /// Open descriptors.
    var descriptors: UInt64?
    var descriptorLimit: UInt64?
    var residentBytes: UInt64?
    var cpuSeconds: Double?

    init() {
        descriptors = Self.countDescriptors()
        var limit = rlimit()
        if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
            descriptorLimit = UInt64(limit.rlim_cur)
        }
        residentBytes = Self.resident()
        var usage = rusage()
        if getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 {
            cpuSeconds = Self.seconds(usage.ru_utime) + Self.seconds(usage.ru_stime)
        }
    }

    private static func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }

    private static func countDescriptors() -> UInt64? {
        // A process whose memory is private may not list them unless it is root's; newer kernels tell their number.
        guard let folder = opendir("/proc/self/fd") else { return statedDescriptors() }
        defer { closedir(folder) }
        var count: UInt64 = 0
        while let entry = readdir(folder) {
            if entry.pointee.d_name.0 != CChar(UInt8(ascii: ".")) { count += 1 }
        }
        // One of them is the folder being read.
        return count - 1
    }

    /// Linux 6.2 and later have the number as the folder's size.
    private static func statedDescriptors() -> UInt64? {
        var status = stat()
        guard stat("/proc/self/fd", &status) == 0, status.st_size > 0 else { return nil }
        return UInt64(status.st_size)
    }

    private static func resident() -> UInt64? {
        let descriptor = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: 256)
        let count = read(descriptor, &buffer, buffer.count)
        guard count > 0 else { return nil }
        let fields = String(decoding: buffer.prefix(count), as: UTF8.self).split(separator: " ")
        guard fields.count > 1, let pages = UInt64(fields[1]) else { return nil }
        return pages * UInt64(sysconf(Int32(_SC_PAGESIZE)))
    }
}
