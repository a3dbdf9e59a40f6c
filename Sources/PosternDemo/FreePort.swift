internal import Glibc

/// Ports of 127.0.0.1 that nobody uses at the moment.
package enum FreePort {
    /// Asks the system for several at once, so that they differ. Another process may still come first.
    package static func find(_ count: Int) throws(DemoError) -> [UInt16] {
        var descriptors: [Int32] = []
        defer { for descriptor in descriptors { close(descriptor) } }
        var ports: [UInt16] = []
        for _ in 0..<count {
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
            guard descriptor >= 0 else { throw Files.failure("cannot make a socket") }
            descriptors.append(descriptor)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let status = withUnsafeMutablePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
                }
            }
            guard status else { throw Files.failure("cannot find a free port") }
            ports.append(UInt16(bigEndian: address.sin_port))
        }
        return ports
    }
}
