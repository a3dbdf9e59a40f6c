internal import Glibc

/// Where a socket listens or is dialled: `host:port`, `[v6]:port` or `unix:/path`.
package enum Endpoint: Hashable, Sendable, CustomStringConvertible {
    /// `host` is a name, an IPv4 address, or an IPv6 address without its brackets.
    case network(host: String, port: UInt16)
    case unix(path: String)

    /// The longest path that fits `sun_path` with its final NUL (unix(7)).
    package static let maximumPathLength = 107

    /// Why a text is no endpoint; lower case, for a diagnostic.
    package struct Invalid: Error, Hashable, Sendable {
        package let reason: String
        package let hint: String?
    }

    package init(_ text: String) throws(Invalid) {
        if text.hasPrefix("unix:") {
            let path = String(text.dropFirst(5))
            guard path.hasPrefix("/") else {
                throw Invalid(
                    reason: "the socket's path must be absolute",
                    hint: "write it like `unix:/run/x.sock`"
                )
            }
            guard path.utf8.count <= Self.maximumPathLength else {
                throw Invalid(
                    reason: "the socket's path is longer than \(Self.maximumPathLength) bytes",
                    hint: nil
                )
            }
            self = .unix(path: path)
            return
        }
        let form = "write it like `host:5432`, `[::1]:5432` or `unix:/path`"
        guard let colon = text.lastIndex(of: ":") else {
            throw Invalid(reason: "the port is missing", hint: form)
        }
        let portText = text[text.index(after: colon)...]
        guard !portText.isEmpty, portText.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let port = UInt16(portText)
        else { throw Invalid(reason: "`\(portText)` is not a port", hint: form) }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = String(host.dropFirst().dropLast())
            guard Self.isIPv6(host) else {
                throw Invalid(reason: "`\(host)` is not an IPv6 address", hint: nil)
            }
        } else if host.contains(":") {
            throw Invalid(reason: "an IPv6 address needs brackets", hint: form)
        } else if !Self.isIPv4(host) {
            guard Self.isHostName(host) else {
                throw Invalid(reason: "`\(host)` is not a host's name", hint: form)
            }
        }
        self = .network(host: host, port: port)
    }

    package var description: String {
        switch self {
        case .network(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix(let path): "unix:\(path)"
        }
    }

    /// Whether bytes sent here stay on this machine: a Unix socket, 127.0.0.0/8, ::1 or `localhost`.
    package var isLocal: Bool {
        switch self {
        case .network(let host, _):
            host == "localhost" || host == "::1" || (Self.isIPv4(host) && host.hasPrefix("127."))
        case .unix: true
        }
    }

    /// Whether a host is a numeric address.
    static func isIP(_ host: String) -> Bool { isIPv4(host) || isIPv6(host) }

    private static func isIPv4(_ text: String) -> Bool {
        var address = in_addr()
        return inet_pton(AF_INET, text, &address) == 1
    }

    private static func isIPv6(_ text: String) -> Bool {
        var address = in6_addr()
        return inet_pton(AF_INET6, text, &address) == 1
    }

    /// RFC 1123 labels, and `_`, which private DNS zones have. A last label of digits is a mistyped address.
    private static func isHostName(_ text: String) -> Bool {
        let labels = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard (1...253).contains(text.utf8.count), let last = labels.last else { return false }
        guard !last.allSatisfy({ (0x30...0x39).contains($0) }) else { return false }
        return labels.allSatisfy { label in
            (1...63).contains(label.count) && label.first != UInt8(ascii: "-")
                && label.last != UInt8(ascii: "-")
                && label.allSatisfy { byte in
                    switch byte {
                    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                        true
                    default: false
                    }
                }
        }
    }
}
