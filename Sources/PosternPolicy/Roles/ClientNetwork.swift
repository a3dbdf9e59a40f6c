internal import Glibc

/// Where a job connects from.
package enum ClientAddress: Hashable, Sendable {
    case unix
    /// 4 bytes of IPv4 or 16 of IPv6, in network order.
    case network([UInt8])

    /// An address as a socket has it. IPv4 in IPv6's clothes (RFC 4291 section 2.5.5.2), which is what a listener for
    /// both sees, is IPv4.
    ///
    /// - Returns: nil unless there are 4 or 16 bytes.
    package init?(bytes: [UInt8]) {
        switch bytes.count {
        case 4: self = .network(bytes)
        case 16:
            let isMapped = bytes.prefix(10).allSatisfy { $0 == 0 } && bytes[10] == 0xFF && bytes[11] == 0xFF
            self = .network(isMapped ? Array(bytes[12...]) : bytes)
        default: return nil
        }
    }

    /// An address as people write it: `192.0.2.1`, `2001:db8::1`, or `unix`.
    package init?(_ text: String) {
        guard text != "unix" else {
            self = .unix
            return
        }
        var v4 = in_addr()
        var v6 = in6_addr()
        if inet_pton(AF_INET, text, &v4) == 1 {
            self.init(bytes: withUnsafeBytes(of: v4) { Array($0) })
        } else if inet_pton(AF_INET6, text, &v6) == 1 {
            self.init(bytes: withUnsafeBytes(of: v6) { Array($0) })
        } else {
            return nil
        }
    }
}

/// An element of `client_networks`: from where a role's jobs may connect.
package enum ClientNetwork: Hashable, Sendable {
    /// The gateway's Unix sockets.
    case unix
    /// The addresses of 4 or 16 bytes that begin with the first `length` bits of these.
    case prefix([UInt8], length: Int)

    /// Why a text is no network; lower case, for a diagnostic.
    package struct Invalid: Error, Hashable, Sendable {
        package let reason: String
        package let hint: String?
    }

    /// - Parameter text: `10.0.0.0/8`, `2001:db8::/32`, one address alone, or `unix`.
    package init(_ text: String) throws(Invalid) {
        guard text != "unix" else {
            self = .unix
            return
        }
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let form = "write it like `10.0.0.0/8`, `2001:db8::/32` or `unix`"
        guard let first = parts.first, case .network(let bytes)? = ClientAddress(String(first)) else {
            throw Invalid(reason: "`\(text)` is not a network", hint: form)
        }
        // ::ffff:10.0.0.0/104 would have to be counted anew, and nobody sees such an address here.
        guard bytes.count == 16 || !first.contains(":") else {
            throw Invalid(reason: "`\(text)` is an IPv4 network written as IPv6", hint: "write it as IPv4")
        }
        var length = bytes.count * 8
        if parts.count == 2 {
            let digits = parts[1]
            guard (1...3).contains(digits.utf8.count), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                let number = Int(digits), String(number) == digits, number <= length
            else { throw Invalid(reason: "`\(text)` has no prefix length from 0 to \(length)", hint: form) }
            length = number
        }
        guard Self.masked(bytes, length) == bytes else {
            throw Invalid(
                reason: "`\(text)` has bits behind its prefix",
                hint: "the network is `\(Self.text(Self.masked(bytes, length)))/\(length)`"
            )
        }
        self = .prefix(bytes, length: length)
    }

    package func contains(_ address: ClientAddress) -> Bool {
        switch (self, address) {
        case (.unix, .unix): true
        case (.prefix(let bytes, let length), .network(let other)):
            bytes.count == other.count && Self.masked(other, length) == bytes
        case (.unix, .network), (.prefix, .unix): false
        }
    }

    private static func masked(_ bytes: [UInt8], _ length: Int) -> [UInt8] {
        bytes.enumerated().map { index, byte in
            let bits = max(0, min(8, length - index * 8))
            return byte & UInt8(truncatingIfNeeded: 0xFF00 >> bits)
        }
    }

    private static func text(_ bytes: [UInt8]) -> String {
        var buffer = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        guard inet_ntop(bytes.count == 4 ? AF_INET : AF_INET6, bytes, &buffer, socklen_t(buffer.count)) != nil else {
            return ""
        }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
