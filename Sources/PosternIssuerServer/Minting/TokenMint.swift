internal import CLibJWT
internal import Glibc
package import PosternCore
internal import PosternIssuer

/// Signs tokens with libjwt, which verifies nothing here.
package enum TokenMint {
    package struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
        package let description: String
    }

    /// The compact form of a token (RFC 7519): a millisecond of work, never on an event loop.
    ///
    /// - Parameters:
    ///   - claims: texts, whole numbers and flags.
    ///   - keyID: the `kid`; the key's own by default.
    package static func sign(
        _ claims: [JSONObject.Member],
        with key: MintingKey,
        keyID: String? = nil
    ) throws(Failure) -> Redacted<String> {
        var token: OpaquePointer?
        guard jwt_new(&token) == 0, let token else { throw Failure(description: "libjwt cannot make a token") }
        defer { jwt_free(token) }
        let pem = key.pem.reveal()
        var statuses = [
            jwt_set_alg(token, JWT_ALG_RS256, pem, Int32(pem.count)),
            jwt_add_header(token, "kid", keyID ?? key.published.id),
        ]
        for claim in claims {
            switch claim.value {
            case .string(let text): statuses.append(jwt_add_grant(token, claim.name, text))
            case .number(let number):
                guard let value = number.integer else {
                    throw Failure(description: "`\(claim.name)` is no whole number")
                }
                statuses.append(jwt_add_grant_int(token, claim.name, Int(value)))
            case .bool(let flag): statuses.append(jwt_add_grant_bool(token, claim.name, flag ? 1 : 0))
            case .null, .array, .object:
                throw Failure(description: "`\(claim.name)` is of no kind that a claim has here")
            }
        }
        guard statuses.allSatisfy({ $0 == 0 }), let text = jwt_encode_str(token) else {
            throw Failure(description: "libjwt cannot sign a token")
        }
        defer { free(text) }
        return Redacted(String(cString: text))
    }
}
