package import PosternCore

/// The proxy of HTTPS_PROXY, through which a runner may have to go to its own token service.
package struct HTTPProxy: Hashable, Sendable {
    package let host: String
    package let port: UInt16
    /// The value of Proxy-Authorization.
    package let authorization: Redacted<String>?

    /// The proxy for `address`, nil when there is none, or NO_PROXY excepts the host.
    ///
    /// - Throws: `JobTrouble` for a proxy that is not spoken to in the clear by HTTP, which CONNECT is.
    package static func choose(for address: WebAddress, in environment: JobEnvironment) throws(JobTrouble) -> HTTPProxy?
    {
        let names = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]
        guard let name = names.first(where: { environment[$0] != nil }), let text = environment[name] else {
            return nil
        }
        let exceptions = environment["no_proxy"] ?? environment["NO_PROXY"] ?? ""
        guard !isExcepted(address, exceptions) else { return nil }
        guard let proxy = HTTPProxy(text) else {
            throw JobTrouble("\(name) is no `http://HOST:PORT`", hint: "other kinds of proxies are not spoken")
        }
        return proxy
    }

    private init?(_ text: String) {
        var rest = text[...]
        if let colon = text.firstIndex(of: ":"), text[colon...].hasPrefix("://") {
            guard text[..<colon].lowercased() == "http" else { return nil }
            rest = text[colon...].dropFirst(3)
        }
        rest = rest.prefix { $0 != "/" }
        var login: Substring?
        if let at = rest.lastIndex(of: "@") {
            login = rest[..<at]
            rest = rest[rest.index(after: at)...]
        }
        guard let (host, port) = WebAddress.authority(rest, defaultPort: 80) else { return nil }
        self.host = host
        self.port = port
        authorization = login.map { login in
            Redacted("Basic " + Base64.encode(Array(PercentText.decode(login))))
        }
    }

    /// `*`, `host`, `.domain`, `domain` with everything below it, each with or without a port.
    private static func isExcepted(_ address: WebAddress, _ exceptions: String) -> Bool {
        let host = address.host.lowercased()
        return exceptions.split(whereSeparator: { $0 == "," || $0 == " " }).contains { entry in
            if entry == "*" { return true }
            var name = entry.lowercased()
            if let colon = name.lastIndex(of: ":"), !name.hasSuffix("]"), name.firstIndex(of: ":") == colon {
                guard name[name.index(after: colon)...] == String(address.port) else { return false }
                name = String(name[..<colon])
            }
            if name.hasPrefix("*.") { name.removeFirst() }
            let domain = name.hasPrefix(".") ? String(name.dropFirst()) : name
            return !domain.isEmpty && (host == domain || host.hasSuffix("." + domain))
        }
    }

    /// The request that opens a way through.
    package func connect(to address: WebAddress) -> [UInt8] {
        let target = "\(address.host.contains(":") ? "[\(address.host)]" : address.host):\(address.port)"
        var lines = ["CONNECT \(target) HTTP/1.1", "Host: \(target)"]
        if let authorization { lines.append("Proxy-Authorization: \(authorization.reveal())") }
        return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
    }
}

extension TokenRequest {
    /// The request's bytes.
    package var bytes: [UInt8] {
        var lines = [
            "\(method.rawValue) \(address.target) HTTP/1.1",
            "Host: \(address.authority)",
            "Authorization: Bearer \(bearer.reveal())",
            "Accept: application/json",
            "User-Agent: postern",
            "Connection: close",
        ]
        if method == .post { lines += ["Content-Type: application/json", "Content-Length: 0"] }
        return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
    }
}
