import PosternIdentity
import Testing

struct IssuerTests {
    @Test(
        arguments: [
            ("https://a.example", "https://a.example/.well-known/openid-configuration"),
            ("https://a.example/", "https://a.example/.well-known/openid-configuration"),
            ("https://a.example/org/1", "https://a.example/org/1/.well-known/openid-configuration"),
            ("https://a.example:8443/x/", "https://a.example:8443/x/.well-known/openid-configuration"),
            ("http://a.example", nil), ("https://a.example?x=y", nil), ("a.example", nil), ("", nil),
        ] as [(String, String?)]
    )
    func `the discovery document lies below the issuer`(issuer: String, url: String?) {
        #expect(DiscoveryDocument.url(ofIssuer: issuer)?.text == url)
    }

    @Test(arguments: [
        "http://a", "https://", "https:///x", "https://:443", "https://a@b", "https://a b", "https://a/\n",
        "https://a#b",
        "https://a\\b", "https://a%2fb", "ftp://a", "HTTPS://a", "file:///etc/passwd", "https://ä.example",
        "https://?x",
    ])
    func `only plain https URLs are taken`(text: String) {
        #expect(HTTPSURL(text) == nil)
    }

    @Test(arguments: [
        (#"{"issuer":"https://a","jwks_uri":"https://b/keys","x":[1]}"#, "https://b/keys"),
        (#"{"issuer":"https://a/","jwks_uri":"https://b/keys"}"#, "the discovery document names another issuer"),
        (#"{"jwks_uri":"https://b/keys"}"#, "the discovery document names another issuer"),
        (#"{"issuer":"https://a"}"#, "the discovery document's `jwks_uri` is not an https URL"),
        (#"{"issuer":"https://a","jwks_uri":"http://b"}"#, "the discovery document's `jwks_uri` is not an https URL"),
        (
            #"{"issuer":"https://a","issuer":"https://a"}"#,
            "the discovery document is malformed: duplicate member name at byte 22"
        ),
        ("[]", "the discovery document is malformed: an object was expected"),
    ])
    func `a discovery document is its issuer's own`(text: String, outcome: String) {
        do throws(DiscoveryDocument.Failure) {
            #expect(try DiscoveryDocument.parse(Array(text.utf8), issuer: "https://a").keySetURL.text == outcome)
        } catch {
            #expect(error.description == outcome)
        }
    }

    @Test(
        arguments: [
            ([8, 8, 8, 8], .global), ([172, 15, 0, 1], .global), ([172, 32, 0, 1], .global),
            ([100, 128, 0, 1], .global),
            ([127, 0, 0, 1], .local), ([10, 1, 2, 3], .local), ([172, 16, 0, 1], .local),
            ([172, 31, 255, 255], .local),
            ([192, 168, 1, 1], .local), ([169, 254, 169, 254], .local), ([100, 64, 0, 1], .local),
            ([192, 0, 0, 192], .local),
            ([0, 0, 0, 0], .unusable), ([224, 0, 0, 1], .unusable), ([255, 255, 255, 255], .unusable),
            ([1, 2, 3], .unusable),
            ([0x20, 1, 0x48, 0x60] + zeros(11) + [1], .global), (zeros(15) + [1], .local), (zeros(16), .unusable),
            ([0xFE, 0x80] + zeros(13) + [1], .local), ([0xFD, 0] + zeros(13) + [1], .local),
            ([0xFC, 0] + zeros(13) + [1], .local),
            ([0xFF, 2] + zeros(13) + [1], .unusable), (zeros(10) + [0xFF, 0xFF, 127, 0, 0, 1], .local),
            (zeros(10) + [0xFF, 0xFF, 8, 8, 8, 8], .global), (zeros(10) + [0xFF, 0xFF, 169, 254, 169, 254], .local),
            ([0, 0x64, 0xFF, 0x9B] + zeros(8) + [10, 0, 0, 1], .local),
            ([0, 0x64, 0xFF, 0x9B] + zeros(8) + [8, 8, 8, 8], .global),
            ([0x20, 2, 192, 168, 1, 1] + zeros(10), .local),
        ] as [([UInt8], AddressScope)]
    )
    func `addresses that reach this machine or its neighbours are local`(bytes: [UInt8], scope: AddressScope) {
        #expect(AddressScope(bytes) == scope)
    }

    private static func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }
}
