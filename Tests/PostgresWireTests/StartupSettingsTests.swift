import PostgresWire
import Testing

struct StartupSettingsTests {
    private func settings(_ pairs: [String]) throws -> [StartupSetting] {
        var body = Array("user\0a\0".utf8)
        for pair in pairs {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            for part in parts { body += part.utf8 + [0] }
        }
        let message = try #require(try message(of: packet(code: 0x0003_0000, body + [0])))
        return try StartupSettings(message).values
    }

    @Test(
        arguments: [
            // pgjdbc, lib/pq, asyncpg, libpq's PGTZ, PGDATESTYLE and PGGEQO.
            (
                ["client_encoding=UTF8", "DateStyle=ISO", "TimeZone=Europe/Vienna", "extra_float_digits=2"],
                [
                    ("client_encoding", "UTF8"), ("DateStyle", "ISO"), ("TimeZone", "Europe/Vienna"),
                    ("extra_float_digits", "2"),
                ]
            ),
            (
                ["datestyle=ISO, MDY", "client_encoding='utf-8'"],
                [("DateStyle", "ISO, MDY"), ("client_encoding", "UTF8")]
            ),
            (
                ["client_encoding=Unicode", "timezone=UTC", "GEQO=off"],
                [("client_encoding", "UTF8"), ("TimeZone", "UTC"), ("geqo", "off")]
            ),
            (["standard_conforming_strings=ON"], [("standard_conforming_strings", "on")]),
            (
                ["standard_conforming_strings=t", "application_name=a=b"],
                [("standard_conforming_strings", "on"), ("application_name", "a=b")]
            ),
            (
                ["options=-c statement_timeout=5s -clock_timeout=1 --IntervalStyle=postgres_verbose"],
                [("statement_timeout", "5s"), ("lock_timeout", "1"), ("IntervalStyle", "postgres_verbose")]
            ),
            (["options=-c\\ application_name"], nil),
            (["options=-c application_name=a\\ b\\\\c"], [("application_name", "a b\\c")]),
            (["options=--statement-timeout=7"], [("statement_timeout", "7")]),
            (["options=-c application_name="], [("application_name", "")]),
            (["options= \t\n\u{0B}\u{0C}\r "], []),
            (["options="], []),
        ] as [([String], [(String, String)]?)]
    )
    func `allowed settings get their canonical form`(pairs: [String], expected: [(String, String)]?) throws {
        guard let expected else {
            #expect(throws: Refusal.self) { _ = try settings(pairs) }
            return
        }
        #expect(try settings(pairs) == expected.map { StartupSetting($0.0, $0.1) })
    }

    @Test(arguments: [
        ("search_path=public", SQLState.insufficientPrivilege),
        ("role=postgres", .insufficientPrivilege),
        ("session_authorization=postgres", .insufficientPrivilege),
        ("postern.subject=x", .insufficientPrivilege),
        ("ssl_renegotiation_limit=0", .insufficientPrivilege),
        ("client_encoding=LATIN1", .insufficientPrivilege),
        ("client_encoding=", .insufficientPrivilege),
        ("standard_conforming_strings=off", .insufficientPrivilege),
        ("standard_conforming_strings=perhaps", .invalidParameterValue),
        ("application_name=" + String(repeating: "x", count: 1025), .programLimitExceeded),
        ("options=-c role=postgres", .insufficientPrivilege),
        ("options=-c standard_conforming_strings=off", .insufficientPrivilege),
        ("options=-c search_path=evil", .insufficientPrivilege),
        ("options=-c=", .syntaxError),
        ("options=-c =", .syntaxError),
        ("options=--=", .syntaxError),
        ("options=-c", .syntaxError),
        ("options=-c ", .syntaxError),
        ("options=--", .syntaxError),
        ("options=-c geqo", .syntaxError),
        ("options=-cgeqo", .syntaxError),
        ("options=-c --geqo=on", .insufficientPrivilege),
        ("options=-f -c geqo=on", .insufficientPrivilege),
        ("options=-e", .insufficientPrivilege),
        ("options=-W 5", .insufficientPrivilege),
        ("options=geqo=on", .insufficientPrivilege),
        ("options=\\", .insufficientPrivilege),
        ("options=-", .insufficientPrivilege),
        ("options=-c geqo=on -c GEQO=off", .protocolViolation),
        ("options=" + String(repeating: "a ", count: 400), .programLimitExceeded),
    ])
    func `every other setting is refused`(pair: String, state: SQLState) {
        #expect { _ = try settings([pair]) } throws: { error in
            (error as? Refusal)?.sqlState == state
        }
    }

    @Test func `a setting given as key and in options is refused`() {
        #expect(throws: Refusal.self) { _ = try settings(["geqo=on", "options=-c geqo=off"]) }
    }

    @Test func `a refused name is shown in printable characters only`() {
        #expect { _ = try settings(["na\u{1B}[me`é=1"]) } throws: { error in
            (error as? Refusal)?.message == "startup setting `na?[me???` is not allowed"
        }
    }

    /// Fixed seed, so that a failure comes again: the parser must end and settle for a result or a refusal.
    @Test func `random options end in settings or a refusal`() throws {
        var generator = FixedGenerator(state: 0x5EED)
        let alphabet = Array("-c=\\ \tgeqo-".utf8)
        var accepted = 0
        for _ in 0..<20_000 {
            let count = Int.random(in: 0...24, using: &generator)
            let text = String(
                decoding: (0..<count).map { _ in alphabet.randomElement(using: &generator) ?? 0 },
                as: UTF8.self
            )
            do {
                accepted += try settings(["options=" + text]).count
            } catch is Refusal {}
        }
        let (words, wild) = ("-c geqo=", ["on", "\\ ", "=", "-c", ""])
        for _ in 0..<200 {
            let value = wild.randomElement(using: &generator) ?? ""
            do { accepted += try settings(["options=" + words + value]).count } catch is Refusal {}
        }
        #expect(accepted > 0)
    }
}

/// SplitMix64.
struct FixedGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
