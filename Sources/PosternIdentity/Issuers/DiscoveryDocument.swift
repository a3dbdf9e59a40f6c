internal import PosternCore

/// The part of an issuer's metadata that Postern needs (OpenID Connect Discovery 1.0 section 4).
package struct DiscoveryDocument: Hashable, Sendable {
    package enum Failure: Error, Hashable, Sendable, CustomStringConvertible {
        case malformed(String)
        /// Another issuer's document, or one that spells its issuer differently (section 4.3).
        case otherIssuer
        case malformedKeySetURL

        package var description: String {
            switch self {
            case .malformed(let reason): "the discovery document is malformed: \(reason)"
            case .otherIssuer: "the discovery document names another issuer"
            case .malformedKeySetURL: "the discovery document's `jwks_uri` is not an https URL"
            }
        }
    }

    /// GitHub's has 1.5 kB, Google's 1.7.
    package static let byteLimit = 262_144

    package let keySetURL: HTTPSURL

    /// The document's address: the issuer without a final `/`, and the well-known path (section 4.1).
    package static func url(ofIssuer issuer: String) -> HTTPSURL? {
        guard !issuer.utf8.contains(UInt8(ascii: "?")) else { return nil }
        let base = issuer.hasSuffix("/") ? issuer.dropLast() : issuer[...]
        return HTTPSURL(base + "/.well-known/openid-configuration")
    }

    package static func parse(_ bytes: [UInt8], issuer: String) throws(Failure) -> DiscoveryDocument {
        let value: JSONValue
        do {
            value = try JSONParser.parse(bytes, limits: .init(bytes: byteLimit, depth: 8))
        } catch {
            throw .malformed(error.description)
        }
        guard let object = value.objectValue else { throw .malformed("an object was expected") }
        guard let named = object["issuer"]?.stringValue, named.utf8.elementsEqual(issuer.utf8) else {
            throw .otherIssuer
        }
        guard let text = object["jwks_uri"]?.stringValue, let url = HTTPSURL(text) else { throw .malformedKeySetURL }
        return DiscoveryDocument(keySetURL: url)
    }
}
