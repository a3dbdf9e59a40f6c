internal import PosternCore
internal import PosternIdentity

/// What must hold for any metadata of an issuer.
enum DiscoveryProbe {
    private static let issuer = "https://issuer.example"

    static func fault(of text: [UInt8]) -> String? {
        // Every text is somebody's URL as well.
        if let fault = faultOfURL(String(decoding: text, as: UTF8.self)) { return fault }
        guard let document = try? DiscoveryDocument.parse(text, issuer: issuer) else { return nil }
        let other = try? DiscoveryDocument.parse(text, issuer: issuer + "/")
        guard other == nil else { return "one document is two issuers'" }
        return faultOfURL(document.keySetURL.text)
    }

    private static func faultOfURL(_ text: String) -> String? {
        guard let url = HTTPSURL(text) else { return nil }
        guard url.text.hasPrefix("https://"), !url.authority.isEmpty else { return "a URL without a host" }
        guard !url.authority.contains("@"), !url.text.contains("\\") else { return "a URL of two hosts" }
        guard url.text.utf8.count <= HTTPSURL.byteLimit else { return "a URL that is too long" }
        return url.text.utf8.allSatisfy { (0x21..<0x7F).contains($0) } ? nil : "a URL with a character of no URL"
    }
}
