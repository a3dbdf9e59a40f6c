import PosternCore
import PosternCrypto
import PosternIssuer
import Testing

/// A request that Drone's own client library signed.
struct DroneSignatureTests {
    private static let secret = Redacted(Array("xVKAGlWQiY3sOp8JVc0nbuNId3PNCgWh".utf8))
    private static let body = Array(
        #"{"repo":{"id":42,"uid":"158392","slug":"acme/billing"},"build":{"id":1001,"number":7,"event":"push"}}"#.utf8
    )
    private static let signature = "wC+CXAXtsehzalpl0OTCd6JxTVaI2hkCQb8jAp6IsbM="
    private static let headers = [
        "Accept": "application/vnd.drone.env.v2+json", "Accept-Encoding": "identity",
        "Content-Type": "application/json", "Date": "Sat, 21 Nov 2026 01:29:40 GMT",
        "Digest": "SHA-256=WRAUqtFStbE/lIW0qCU0HvMp0aVJwySUINxnzFTQTto=",
    ]
    private static let now = Timestamp(seconds: 1_795_224_580)

    private static func parameters(_ changes: [String: String] = [:]) -> String {
        let all = [
            "keyId": "hmac-key", "algorithm": "hmac-sha256", "signature": signature,
            "headers": "accept accept-encoding content-type date digest",
        ].merging(changes) { $1 }
        return ["keyId", "algorithm", "signature", "headers"].map { "\($0)=\"\(all[$0] ?? "")\"" }.joined(
            separator: ","
        )
    }

    private func check(
        _ extra: [String: String],
        secrets: [Redacted<[UInt8]>] = [secret],
        now: Timestamp = now,
        notBefore: Timestamp = Timestamp(seconds: 0)
    ) throws(RequestRefusal) {
        let fields = Self.headers.merging(extra) { $1 }.map { (name: $0.key, value: $0.value) }
        let headers = RequestHeaders(fields)
        try DroneSignature(headers, secrets: secrets, now: now, notBefore: notBefore).check(Self.body)
    }

    @Test func `both forms of the header are taken, with any of several secrets`() throws {
        let other = Redacted(Array("another secret of at least 32 bytes".utf8))
        try check(["Signature": Self.parameters()])
        try check(["Authorization": "Signature " + Self.parameters()])
        try check(["signature": Self.parameters()], secrets: [other, Self.secret])
        try check(["signature": Self.parameters()], secrets: [Self.secret, other])
        #expect(throws: RequestRefusal.wrongSignature) { try check(["Signature": Self.parameters()], secrets: [other]) }
        #expect(throws: RequestRefusal.wrongSignature) { try check(["Signature": Self.parameters()], secrets: []) }
    }

    @Test(arguments: [
        ("algorithm", "hmac-sha1", RequestRefusal.otherAlgorithm), ("algorithm", "HMAC-SHA256", .otherAlgorithm),
        ("algorithm", "rsa-sha256", .otherAlgorithm), ("keyId", "other", .otherHeaders),
        ("headers", "date", .otherHeaders), ("headers", "accept accept-encoding content-type date", .otherHeaders),
        ("headers", "accept accept-encoding content-type digest date", .otherHeaders),
        ("headers", "accept accept-encoding content-type date digest digest", .otherHeaders),
        ("headers", "(request-target) accept accept-encoding content-type date digest", .otherHeaders),
        ("signature", "AAAA", .wrongSignature),
        ("signature", "wC+CXAXtsehzalpl0OTCd6JxTVaI2hkCQb8jAp6IsbM", .malformedSignature),
        ("signature", "", .wrongSignature),
    ])
    func `other parameters are refused`(name: String, value: String, refusal: RequestRefusal) {
        #expect(throws: refusal) { try check(["Signature": Self.parameters([name: value])]) }
    }

    @Test(arguments: [
        "", "keyId", "keyId=hmac-key", "keyId=\"a\" algorithm=\"b\"", "keyId=\"hmac-key\",", ",keyId=\"a\"",
        parameters() + ",created=\"1\"", parameters() + ",keyId=\"hmac-key\"", "Signature " + parameters(),
        String(parameters().dropLast()), String(repeating: "a", count: 2000),
    ])
    func `a malformed header is refused`(text: String) {
        #expect(throws: RequestRefusal.malformedSignature) { try check(["Signature": text]) }
    }

    @Test func `nobody's and two signatures are refused`() {
        #expect(throws: RequestRefusal.noSignature) { try check([:]) }
        #expect(throws: RequestRefusal.noSignature) { try check(["Authorization": "Bearer x"]) }
        #expect(throws: RequestRefusal.ambiguousSignature) {
            try check(["Signature": Self.parameters(), "Authorization": "Signature " + Self.parameters()])
        }
    }

    @Test func `a header that comes twice is none`() {
        let fields =
            Self.headers.map { (name: $0.key, value: $0.value) } + [
                (name: "Signature", value: Self.parameters()), (name: "DATE", value: "Sat, 21 Nov 2026 01:29:40 GMT"),
            ]
        #expect(throws: RequestRefusal.missingHeader("date")) {
            try DroneSignature(
                RequestHeaders(fields),
                secrets: [Self.secret],
                now: Self.now,
                notBefore: Timestamp(seconds: 0)
            )
        }
    }

    @Test func `a request lives for five minutes, and not from before the start`() throws {
        let signed = ["Signature": Self.parameters()]
        for seconds in [-30, 0, 300] { try check(signed, now: Self.now.advanced(by: .seconds(seconds))) }
        for seconds in [-31, -300, 301, 86_400] {
            #expect(throws: RequestRefusal.stale) { try check(signed, now: Self.now.advanced(by: .seconds(seconds))) }
        }
        try check(signed, notBefore: Self.now.advanced(by: .milliseconds(999)))
        #expect(throws: RequestRefusal.beforeStart) { try check(signed, notBefore: Self.now.advanced(by: .seconds(1))) }
    }
}
