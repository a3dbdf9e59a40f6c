import PosternCore
import PosternJournal
import Testing

@Suite struct MomentTests {
    @Test(
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("2026-11-21T01:29:40.000001Z", 1_795_224_580_000_001),
            ("2026-11-21T02:29:40.5+01:00", 1_795_224_580_500_000),
            ("2026-11-20 20:59:40-04:30", 1_795_224_580_000_000),
            ("2024-02-29T00:00:00Z", 1_709_164_800_000_000), ("1969-12-31T23:59:59.9999999Z", -1),
        ] as [(String, Int64)]
    )
    func `a moment is read as RFC 3339 has it`(text: String, expected: Int64) {
        #expect(Timestamp(rfc3339: text)?.microseconds == expected)
    }

    @Test func `every moment that is written is read again`() {
        var microseconds: Int64 = -62_135_596_800_000_000
        while microseconds < 253_402_300_799_000_000 {
            let moment = Timestamp(microseconds: microseconds)
            #expect(Timestamp(rfc3339: moment.rfc3339) == moment)
            microseconds += 8_000_000_000_123_457
        }
    }

    @Test(arguments: [
        "", "2026", "2026-11-21", "2026-11-21T01:29:40", "2026-13-21T01:29:40Z", "2026-11-21T24:29:40Z",
        "2026-11-21T01:29:40.Z",
        "2026-11-21T01:29:40Z ", "2026-11-21T01:29:40+1:00", "26-11-21T01:29:40Z", "2026-11-2xT01:29:40Z",
    ])
    func `what is no moment is refused`(text: String) {
        #expect(Timestamp(rfc3339: text) == nil)
    }
}

@Suite struct ObjectNameTests {
    @Test(arguments: [
        ("public.orders", ["public", "orders"]), (#"public."Or.ders""#, ["public", "Or.ders"]),
        (#""a""b".c"#, [#"a"b"#, "c"]), ("orders", ["orders"]), (#"x."open"#, ["x", "open"]), ("", [""]),
    ])
    func `a name of a record falls into its parts`(name: String, parts: [String]) {
        #expect(SQLName.parts(of: name) == parts)
    }
}
