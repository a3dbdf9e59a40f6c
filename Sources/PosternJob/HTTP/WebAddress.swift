/// An https URL (RFC 3986), strictly: no user, no fragment, printable ASCII.
package struct WebAddress: Hashable, Sendable {
    package let host: String
    package let port: UInt16
    /// Path and query, as they go into the request line.
    package let target: String

    /// URLs that CI systems hand out have some hundred bytes.
    package static let lengthLimit = 8192

    /// - Returns: nil for anything but an https URL.
    package init?(_ text: String) {
        let isPlain = text.utf8.allSatisfy { UInt8(ascii: "!")...UInt8(ascii: "~") ~= $0 }
        guard text.utf8.count <= Self.lengthLimit, isPlain, text.prefix(8).lowercased() == "https://",
            !text.contains("#")
        else { return nil }
        let rest = text.dropFirst(8)
        let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
        guard !rest[..<end].contains("@"), let authority = Self.authority(rest[..<end], defaultPort: 443) else {
            return nil
        }
        let path = rest[end...]
        self.init(host: authority.host, port: authority.port, target: path.hasPrefix("/") ? String(path) : "/" + path)
    }

    private init(host: String, port: UInt16, target: String) {
        self.host = host
        self.port = port
        self.target = target
    }

    /// Host and port of `HOST`, `HOST:PORT`, `[v6]` or `[v6]:PORT`.
    static func authority(_ text: Substring, defaultPort: UInt16) -> (host: String, port: UInt16)? {
        let isBracketed = text.hasPrefix("[")
        let hasPort = isBracketed ? !text.hasSuffix("]") : text.contains(":")
        guard let address = GatewayAddress(hasPort ? String(text) : "\(text):\(defaultPort)") else { return nil }
        return (address.host, address.port)
    }

    /// The address with one more parameter in its query.
    package func adding(_ name: String, _ value: String) -> WebAddress {
        let mark = target.contains("?") ? "&" : "?"
        return WebAddress(host: host, port: port, target: "\(target)\(mark)\(name)=\(PercentText.encode(value))")
    }

    /// `https://host:port`, without the port where it is the usual one. Paths may name tenants, and are not shown.
    package var origin: String { "https://\(authority)" }

    /// As the header Host has it.
    package var authority: String {
        let shown = host.contains(":") ? "[\(host)]" : host
        return port == 443 ? shown : "\(shown):\(port)"
    }
}

/// Percent-encoding (RFC 3986, section 2.1).
package enum PercentText {
    /// Everything but unreserved characters is encoded.
    package static func encode(_ text: String) -> String {
        var encoded: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                encoded.append(byte)
            default:
                let digits = Array("0123456789ABCDEF".utf8)
                encoded += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }

    /// The bytes that were encoded; what is no encoding stays as it is.
    static func decode(_ text: Substring) -> [UInt8] {
        var decoded: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2, let value = hexadecimal(rest.prefix(2)) {
                decoded.append(value)
                rest = rest.dropFirst(2)
            } else {
                decoded.append(byte)
            }
        }
        return decoded
    }

    private static func hexadecimal(_ digits: ArraySlice<UInt8>) -> UInt8? {
        var value: UInt8 = 0
        for digit in digits {
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | (digit - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = value << 4 | (digit - UInt8(ascii: "a") + 10)
            case UInt8(ascii: "A")...UInt8(ascii: "F"): value = value << 4 | (digit - UInt8(ascii: "A") + 10)
            default: return nil
            }
        }
        return value
    }
}
