/// What an address reaches, as far as the gateway minds (IANA special-purpose registries, RFC 6890).
package enum AddressScope: Hashable, Sendable {
    case global
    /// Loopback, private and link-local networks: only where `allow_private` says so. Clouds serve credentials there.
    case local
    /// Multicast, reserved and unspecified addresses: no server has one.
    case unusable

    /// - Parameter bytes: 4 for IPv4, 16 for IPv6, in network order; any other count is unusable.
    package init(_ bytes: [UInt8]) {
        switch bytes.count {
        case 4: self = Self.ofIPv4(bytes)
        case 16: self = Self.ofIPv6(bytes)
        default: self = .unusable
        }
    }

    private static func ofIPv4(_ bytes: [UInt8]) -> AddressScope {
        switch (bytes[0], bytes[1]) {
        case (0, _), (224..., _): .unusable
        case (10, _), (127, _), (169, 254), (172, 16...31), (192, 168), (100, 64...127), (198, 18...19): .local
        case (192, 0) where bytes[2] == 0: .local
        default: .global
        }
    }

    private static func ofIPv6(_ bytes: [UInt8]) -> AddressScope {
        let zeros = bytes.prefix { $0 == 0 }.count
        if zeros == 16 { return .unusable }
        if zeros == 15, bytes[15] == 1 { return .local }
        // An IPv4 address in IPv6's clothes reaches what it would reach naked: compatible, mapped, NAT64, 6to4.
        if zeros >= 12 || (zeros == 10 && bytes[10] == 0xFF && bytes[11] == 0xFF) { return ofIPv4(Array(bytes[12...])) }
        if bytes.starts(with: [0, 0x64, 0xFF, 0x9B]) {
            return bytes[4..<12].allSatisfy { $0 == 0 } ? ofIPv4(Array(bytes[12...])) : .local
        }
        if bytes.starts(with: [0x20, 0x02]) { return ofIPv4(Array(bytes[2..<6])) }
        switch (bytes[0], bytes[1]) {
        case (0xFC...0xFD, _), (0xFE, 0x80...0xFF): return .local
        case (0xFF, _): return .unusable
        default: return .global
        }
    }
}
