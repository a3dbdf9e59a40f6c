internal import PosternCore
internal import PosternCrypto

/// A document that an issuer publishes, with its entity tag.
package struct IssuerDocument: Hashable, Sendable {

    package let text: String
    /// Strong, with its quotes (RFC 9110 section 8.8.3).
    package let entityTag: String

    private init(_ value: JSONValue) {
        text = value.text
        entityTag = "\"" + Hex.encode(Digest.sha256.hash(text.utf8).prefix(16)) + "\""
    }

    /// What lies at `/.well-known/openid-configuration` (OpenID Connect Discovery section 3), as little as Kubernetes
    /// has it.
    ///
    /// - Parameter issuer: the URL without a slash at its end.
    package static func discovery(issuer: String) -> IssuerDocument {
        IssuerDocument(
            .object([
                "issuer": .string(issuer),
                "jwks_uri": .string(issuer + IssuerRequest.Route.keySet.rawValue),
                "response_types_supported": .array([.string("id_token")]),
                "subject_types_supported": .array([.string("public")]),
                "id_token_signing_alg_values_supported": .array([.string(PublishedKey.algorithm)]),
            ])
        )
    }

    /// What lies at `/jwks`.
    package static func keySet(_ keys: [PublishedKey]) -> IssuerDocument {
        IssuerDocument(.object(["keys": .array(keys.map(\.json))]))
    }

    /// Whether a client that has these tags has this document (`If-None-Match`).
    package func isKnown(to tags: String?) -> Bool {
        guard let tags else { return false }
        return tags.split(separator: ",").contains { tag in
            let tag = tag.drop { $0 == " " }
            return tag == "*" || tag.replacing("W/", with: "").hasPrefix(entityTag)
        }
    }
}
