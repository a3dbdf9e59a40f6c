internal import PosternCore

/// The parameters of a signature by draft-cavage-http-signatures, as Drone sends them.
///
/// `keyId="hmac-key",algorithm="hmac-sha256",signature="…",headers="…"`, in any order, each of the four once and no other.
struct CavageSignature {
    private static let byteLimit = 1024

    let keyID: String
    let algorithm: String
    let signature: [UInt8]
    /// The names of the signed fields, in the order in which they were signed.
    let headers: [String]

    /// - Parameter text: the value of `Signature`, or what follows `Signature ` in `Authorization`.
    init?(_ text: String) {
        guard text.utf8.count <= Self.byteLimit, let parameters = Self.parameters(of: text), parameters.count == 4,
            let keyID = parameters["keyId"], let algorithm = parameters["algorithm"],
            let signature = parameters["signature"].flatMap({ Base64.decode($0.utf8, .standard) }),
            let headers = parameters["headers"]
        else { return nil }
        self.keyID = keyID
        self.algorithm = algorithm
        self.signature = signature
        self.headers = headers.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
    }

    /// - Returns: nil when the text is no list of `name="value"`, or has a name twice.
    private static func parameters(of text: String) -> [String: String]? {
        var found: [String: String] = [:]
        var rest = Substring(text)
        while true {
            let name = rest.prefix { $0.isASCII && $0.isLetter }
            rest = rest.dropFirst(name.count)
            guard !name.isEmpty, rest.hasPrefix("=\"") else { return nil }
            rest = rest.dropFirst(2)
            let value = rest.prefix { $0 != "\"" }
            rest = rest.dropFirst(value.count)
            guard rest.first == "\"", found.updateValue(String(value), forKey: String(name)) == nil else { return nil }
            rest = rest.dropFirst()
            guard !rest.isEmpty else { return found }
            guard rest.first == "," else { return nil }
            rest = rest.dropFirst().drop { $0 == " " }
        }
    }
}
