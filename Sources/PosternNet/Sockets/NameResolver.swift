internal import Glibc

/// Host names to addresses. `getaddrinfo` blocks, so this runs on a `BlockingPool` only.
package enum NameResolver {
    package struct Failure: Error, Sendable, CustomStringConvertible {
        package let description: String
    }

    /// The addresses of a host in the order that the system prefers, at most 16.
    ///
    /// - Throws: `Failure` with the resolver's words.
    package static func resolve(host: String, port: UInt16) throws -> [SocketAddress] {
        if let literal = SocketAddress(ip: host, port: port) { return [literal] }
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, String(port), &hints, &list)
        guard status == 0 else {
            throw Failure(description: "cannot resolve `\(host)`: \(String(cString: gai_strerror(status)))")
        }
        defer { freeaddrinfo(list) }
        var addresses: [SocketAddress] = []
        var next = list
        while let entry = next?.pointee, addresses.count < 16 {
            let bytes = UnsafeRawBufferPointer(start: entry.ai_addr, count: Int(entry.ai_addrlen))
            if let address = SocketAddress(bytes: bytes), !addresses.contains(address) { addresses.append(address) }
            next = entry.ai_next
        }
        return addresses
    }
}
