extension Vocabulary {
    /// What means something to readers of OAUTHBEARER (RFC 7628), or nearly.
    package static let bearer = Vocabulary(
        words: bearerWords,
        wrappers: [
            ("n,,\u{1}", "\u{1}\u{1}"), ("y,,", ""), ("n,,\u{1}auth=Bearer ", "\u{1}\u{1}"), ("", "\u{1}"),
            ("\u{1}", ""),
        ],
        brackets: [("\u{1}", "\u{1}"), ("a=", "\u{1}"), ("auth=", "\u{1}"), ("host=x\u{1}", ""), (" ", ""), ("", "=")],
        separator: [1]
    )

    private static let bearerWords: [[UInt8]] =
        """
        n,, y,, p=tls-server-end-point,, p=,, n,a=user, n,a=, , = == auth= AUTH= auth host=db.internal port=5432 Bearer bearer
        BEARER Basic Digest eyJ eyJhbGciOiJFUzI1NiJ9 . - _ ~ + / ~~~ a b64 x=y user= n y p 1 " \\ ; : @
        """
        .split { $0 == " " || $0 == "\n" }.map { Array($0.utf8) }
        + [[0], [1], [1, 1], [1, 1, 1], [0x20], [0x09], [0x0D], [0x7F], [0x80], [0xC3, 0xA9], [0x1F], [2]]
}
