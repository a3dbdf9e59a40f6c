extension Vocabulary {
    /// What means something to readers of JSON, of tokens, key sets and metadata, or to none of them.
    package static let json = Vocabulary(
        words: jsonWords,
        wrappers: [
            ("{\"keys\":[", "]}"), ("[", "]"), ("{\"a\":", "}"), (" ", "\n"), ("\u{FEFF}", ""), ("\"", "\""),
            ("{\"iss\":\"https://issuer.example\",\"a\":", "}"), ("", "}"), ("", "\t{}\t"),
        ],
        brackets: [
            ("[", "]"), ("{\"a\":", "}"), ("\"", "\""), ("[", ""), ("", "]"), ("{", "}"), ("\\u005b", ""), ("\t", "\t"),
            ("[1,", "]"), ("{\"keys\":[", "]}"),
        ],
        separator: [0x0A]
    )

    private static let jsonWords: [[UInt8]] =
        #"""
        "alg" "kid" "typ" "crit" "b64" "zip" "enc" "cty" "jku" "jwk" "x5u" "x5c" "p2c" none None HS256 RS256 RS384 RS512
        PS256 PS384 PS512 ES256 ES384 ES512 EdDSA ES256K RSA-OAEP dir JWT at+jwt "kty" "crv" "use" "key_ops" "n" "e" "x" "y"
        "d" "p" "q" "k" "oth" RSA EC OKP AKP oct P-256 P-384 P-521 secp256k1 Ed25519 X25519 Ed448 sig enc verify sign keys
        "keys" "iss" "aud" "sub" "exp" "iat" "nbf" "jti" "azp" "issuer" "jwks_uri" "fetched_at" "key_set" "sha256" "v"
        https://issuer.example https://issuer.example/ http:// https:// https://a@b https://[::1] https://%31 \\ # ?
        "\u0061lg" "\u0000" "\ud800" "\udc00\ud800" "\ud83d\ude00" \u0022 \x \" \/ \b true false null {} [] {"a":1,"a":2}
        0 -0 -1 1 01 1. .5 1e5 1E+5 1e400 -1e400 9007199254740993 9223372036854775808 18446744073709551616 253402300800 NaN
        Infinity 0x10 1795224580 2026-12-01T00:00:00Z 9999-12-31T23:59:60Z -0001-01-01T00:00:00Z AQAB Aw AQ AA A = == AAAA
        "kid":1, "kid":null, "kid":"", "kid":"other", "alg":"none", "crit":[], "aud":[], , : ; { } [ ] " ' . .. /* */ //
        """#
        .split { $0 == " " || $0 == "\n" }.map { Array($0.utf8) }
        + [
            "\0", "\u{7F}", "\u{FEFF}", "\u{A0}", "\u{E9}", "e\u{301}", "\u{1F600}", "\t", "\r", "\u{B}", "\n",
            "\u{2028}",
        ].map { Array($0.utf8) }
        + [[0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF5], [0xE2, 0x82], Array(repeating: UInt8(ascii: "A"), count: 344)]
}
