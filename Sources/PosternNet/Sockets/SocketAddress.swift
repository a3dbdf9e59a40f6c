internal import Glibc

/// An address that a socket is bound or connected to: IPv4, IPv6 or a Unix path.
package struct SocketAddress: Hashable, Sendable, CustomStringConvertible {
    package enum Family: Sendable {
        case ipv4
        case ipv6
        case unix
    }

    /// The raw `sockaddr`, as long as the kernel said.
    private let storage: [UInt8]

    /// Copies an address that the kernel or the resolver wrote.
    ///
    /// - Parameter bytes: the `sockaddr`; nil comes back for families that are not of the three.
    package init?(bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= MemoryLayout<sa_family_t>.size else { return nil }
        let family = Int32(bytes.loadUnaligned(as: sa_family_t.self))
        switch family {
        case AF_INET where bytes.count >= MemoryLayout<sockaddr_in>.size: break
        case AF_INET6 where bytes.count >= MemoryLayout<sockaddr_in6>.size: break
        case AF_UNIX: break
        default: return nil
        }
        storage = Array(bytes)
    }

    /// A numeric address, `127.0.0.1` or `::1`; nil for anything else, names included.
    package init?(ip: String, port: UInt16) {
        var v4 = sockaddr_in()
        if inet_pton(AF_INET, ip, &v4.sin_addr) == 1 {
            v4.sin_family = sa_family_t(AF_INET)
            v4.sin_port = port.bigEndian
            storage = withUnsafeBytes(of: v4) { Array($0) }
            return
        }
        var v6 = sockaddr_in6()
        guard inet_pton(AF_INET6, ip, &v6.sin6_addr) == 1 else { return nil }
        v6.sin6_family = sa_family_t(AF_INET6)
        v6.sin6_port = port.bigEndian
        storage = withUnsafeBytes(of: v6) { Array($0) }
    }

    /// The path of a Unix socket; nil when it is longer than the kernel takes (107 bytes).
    package init?(unixPath path: String) {
        var address = sockaddr_un()
        let bytes = Array(path.utf8)
        guard !bytes.isEmpty, bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return nil }
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        storage = withUnsafeBytes(of: address) { Array($0) }
    }

    package var family: Family {
        switch Int32(storage.withUnsafeBytes { $0.loadUnaligned(as: sa_family_t.self) }) {
        case AF_INET: .ipv4
        case AF_INET6: .ipv6
        default: .unix
        }
    }

    /// The port, 0 for a Unix socket.
    package var port: UInt16 {
        guard family != .unix else { return 0 }
        return UInt16(storage[2]) << 8 | UInt16(storage[3])
    }

    /// The bytes of the IP address, 4 or 16; none for a Unix socket. An IPv4 address in IPv6 form counts as IPv4.
    package var ipBytes: ArraySlice<UInt8> {
        switch family {
        case .ipv4: return storage[4..<8]
        case .ipv6:
            let bytes = storage[8..<24]
            let isMapped = bytes.prefix(10).allSatisfy { $0 == 0 } && bytes[18] == 0xFF && bytes[19] == 0xFF
            return isMapped ? bytes.suffix(4) : bytes
        case .unix: return []
        }
    }

    /// Whether nobody but this machine's own programs can reach it: a loopback address, or a Unix socket.
    package var isOfThisMachine: Bool {
        let bytes = ipBytes
        if bytes.count == 4 { return bytes.first == 127 }
        return bytes.dropLast().allSatisfy { $0 == 0 } && (bytes.isEmpty || bytes.last == 1)
    }

    /// What limits per client count by: the address itself for IPv4, its /64 for IPv6, one for all Unix clients.
    package var source: [UInt8] {
        let bytes = ipBytes
        return bytes.count == 16 ? Array(bytes.prefix(8)) : Array(bytes)
    }

    /// The address without the port: `192.0.2.1`, `2001:db8::1`, or `unix`.
    package var host: String {
        let bytes = Array(ipBytes)
        guard !bytes.isEmpty else { return "unix" }
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { text in
            let family = bytes.count == 4 ? AF_INET : AF_INET6
            guard let base = text.baseAddress, inet_ntop(family, bytes, base, 64) != nil else { return "" }
            return String(cString: base)
        }
    }

    /// `192.0.2.1:5432`, `[2001:db8::1]:5432`, `unix:/path`.
    package var description: String {
        switch family {
        case .ipv4: "\(host):\(port)"
        case .ipv6: ipBytes.count == 4 ? "\(host):\(port)" : "[\(host)]:\(port)"
        case .unix: "unix:\(unixPath)"
        }
    }

    private var unixPath: String {
        String(decoding: storage.dropFirst(MemoryLayout<sa_family_t>.size).prefix { $0 != 0 }, as: UTF8.self)
    }

    /// Lends the `sockaddr` to a system call.
    func withSockaddr<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        storage.withUnsafeBytes { bytes in
            // The bytes came from a sockaddr of this family; the kernel reads them by its family, not by type.
            guard let base = bytes.baseAddress else { preconditionFailure("an address has bytes") }
            return body(base.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
        }
    }

    /// Reads an address that a system call writes.
    static func read(
        _ call: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
    ) -> (result: Int32, address: SocketAddress?) {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { call($0, &length) }
        }
        guard result >= 0 else { return (result, nil) }
        let count = min(Int(length), MemoryLayout<sockaddr_storage>.size)
        let address = withUnsafeBytes(of: storage) {
            SocketAddress(bytes: UnsafeRawBufferPointer(rebasing: $0[..<count]))
        }
        return (result, address)
    }
}
