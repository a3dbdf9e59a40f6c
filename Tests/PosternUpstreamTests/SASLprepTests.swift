import PosternUpstream
import Testing

struct SASLprepTests {
    @Test(arguments: [
        // RFC 4013 section 3.
        ("I\u{AD}X", "IX"), ("user", "user"), ("USER", "USER"), ("\u{AA}", "a"), ("\u{2168}", "IX"),
        // Spaces are made one kind, compatibility forms composed.
        ("a\u{A0}b", "a b"), ("a\u{3000}b", "a b"), ("a\u{200B}b", "a b"), ("e\u{301}", "\u{E9}"),
        ("\u{FB01}", "fi"), ("\u{FF21}", "A"), ("pässwörd", "pässwörd"), ("\u{212B}", "\u{C5}"),
        // Right to left all through.
        ("\u{627}1\u{628}", "\u{627}1\u{628}"), ("\u{5D0}\u{5D1}", "\u{5D0}\u{5D1}"),
    ])
    func `text is prepared`(raw: String, prepared: String) {
        #expect(SASLprep.prepare(Array(raw.utf8)) == Array(prepared.utf8))
    }

    @Test(arguments: [
        // What is prohibited stays as it is, as in PostgreSQL: so does ASCII with control characters.
        "\u{7}", "a\u{7F}", "é\u{7}\u{AD}", "\u{AA}\u{85}", "\u{AA}\u{E000}", "\u{AA}\u{FFFD}", "\u{AA}\u{2FF0}",
        "\u{AA}\u{E0001}", "\u{AA}\u{FFFE}", "\u{AA}\u{10FFFF}", "\u{AA}\u{200E}",
        // Mixed directions; right to left that does not end so.
        "\u{627}1", "1\u{627}", "\u{AA}\u{627}", "\u{627}\u{AA}\u{627}",
        // Nothing left; assigned after Unicode 3.2; not assigned.
        "\u{AD}", "\u{AA}\u{1F600}", "\u{AA}\u{0378}", "",
    ])
    func `text that cannot be prepared is used raw`(raw: String) {
        #expect(SASLprep.prepare(Array(raw.utf8)) == Array(raw.utf8))
    }

    @Test(arguments: [[0xFF], [0xC2, 0xAA, 0xFF], [0xED, 0xA0, 0x80], [0xC0, 0x80]] as [[UInt8]])
    func `bytes that are not UTF-8 are used raw`(raw: [UInt8]) {
        #expect(SASLprep.prepare(raw) == raw)
    }
}
