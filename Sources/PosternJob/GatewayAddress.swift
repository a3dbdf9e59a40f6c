/// `HOST:PORT` of a gateway, `[v6]:PORT` for a literal address; the port may be left out.
package struct GatewayAddress: Hashable, Sendable, CustomStringConvertible {
    package static let defaultPort: UInt16 = 6432

    /// The name that the gateway's certificate must bear.
    package let host: String
    package let port: UInt16

    /// - Returns: nil for what is no host, or no port from 1 to 65535.
    package init?(_ text: String) {
        var host = text[...]
        var port: Substring?
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { return nil }
            host = text[text.index(after: text.startIndex)..<end]
            let rest = text[text.index(after: end)...]
            guard rest.isEmpty || rest.hasPrefix(":") else { return nil }
            port = rest.isEmpty ? nil : rest.dropFirst()
        } else if let colon = text.lastIndex(of: ":") {
            host = text[..<colon]
            port = text[text.index(after: colon)...]
            guard !host.contains(":") else { return nil }
        }
        let isHost = host.utf8.allSatisfy { byte in
            UInt8(ascii: "!")...UInt8(ascii: "~") ~= byte && !"/@,\\'\"`".utf8.contains(byte)
        }
        guard !host.isEmpty, host.utf8.count <= 253, isHost else { return nil }
        self.host = String(host)
        guard let port else {
            self.port = Self.defaultPort
            return
        }
        guard port.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }), let number = UInt16(port),
            number > 0
        else { return nil }
        self.port = number
    }

    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
