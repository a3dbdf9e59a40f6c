import PosternCore
import Testing

struct ValueTests {
    @Test func `a redacted value shows itself in no way`() {
        let secret = Redacted("hunter2")
        var dumped = ""
        dump([secret], to: &dumped)
        for text in ["\(secret)", String(reflecting: secret), String(describing: [secret]), dumped] {
            #expect(!text.contains("hunter2"))
        }
        #expect(secret.reveal() == "hunter2")
    }

    @Test(arguments: [
        (Int64(0), "1970-01-01T00:00:00.000000Z"), (1_795_224_580_000_001, "2026-11-21T01:29:40.000001Z"),
        (951_782_400_000_000, "2000-02-29T00:00:00.000000Z"), (-1, "1969-12-31T23:59:59.999999Z"),
    ])
    func `a timestamp prints as RFC 3339`(microseconds: Int64, text: String) {
        #expect(Timestamp(microseconds: microseconds).rfc3339 == text)
    }

    @Test func `session ids are 16 characters of the alphabet`() {
        let id = SessionID()
        #expect(SessionID(id.description) == id)
        #expect(SessionID("short") == nil)
        #expect(SessionID("ABCDEFGHIJKLMNOP") == nil)
    }

    @Test(arguments: ["", "f", "fo", "foo", "foob", "fooba", "foobar"])
    func `base64 round trips`(text: String) {
        for alphabet in [Base64.Alphabet.standard, .url] {
            let encoded = Base64.encode(Array(text.utf8), alphabet)
            #expect(Base64.decode(Array(encoded.utf8), alphabet) == Array(text.utf8))
        }
    }

    @Test(arguments: ["A", "AB=", "AAA=", "AB==", "AA A", "AA\n", "AA+/", "Zh", "Zm9="])
    func `a second spelling of base64url is refused`(text: String) {
        #expect(Base64.decode(Array(text.utf8), .url) == nil)
    }

    // MARK: Quotes

    @Test(
        arguments: [
            ("", "\"\"", "''"), ("plain", "\"plain\"", "'plain'"), ("a\"b'c", "\"a\"\"b'c\"", "'a\"b''c'"),
            ("\"\u{301}x'\u{301}", "\"\"\"\u{301}x'\u{301}\"", "'\"\u{301}x''\u{301}'"),
        ]
    )
    func `a quote is doubled, whatever combines with it`(_ text: String, _ double: String, _ single: String) {
        #expect(Array(QuotedText.double(text).utf8) == Array(double.utf8))
        #expect(Array(QuotedText.single(text).utf8) == Array(single.utf8))
    }
}
