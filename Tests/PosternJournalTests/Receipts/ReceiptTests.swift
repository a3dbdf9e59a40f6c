import Glibc
import PosternCore
import PosternCrypto
import PosternJournal
import Testing

/// A session in a journal, with what a gateway counts of it.
private struct Account {
    static let session = SessionID("aaaaaaaaaaaaaaaa") ?? SessionID()
    static let now = Timestamp(seconds: 1_800_000_001)
    static let subject = ReceiptSubject(
        session: session,
        role: "r",
        database: "d",
        login: "l",
        identity: IdentityRecord(issuer: "ci", subject: "repo:a", claims: nil),
        run: RunRecord(repository: "acme/app", ref: nil, sha: "00ff", id: "7", url: nil),
        policyHash: "p"
    )

    var tally = ReceiptTally()

    static func access(_ object: [String], _ statementClass: String = "read", denied: Bool = false) -> AccessRecord {
        AccessRecord(
            statementClass: statementClass,
            tag: "SELECT",
            kind: object.count == 3 ? "function" : nil,
            object: object,
            candidates: [],
            isOther: false,
            outcome: denied ? .notAllowed : .allowedByRule("all")
        )
    }

    static func members(
        _ statementClass: String?,
        sql: String = "select",
        accesses: [AccessRecord] = [],
        deny: Bool = false,
        would: Bool = false
    ) -> EncodedMembers {
        StatementRecord(
            tag: statementClass.map { _ in "SELECT" },
            statementClass: statementClass,
            sql: sql,
            textMAC: nil,
            fingerprint: nil,
            accesses: accesses,
            decision: deny ? .deny : .allow,
            would: would ? .deny : nil,
            rule: deny ? RuleRecord(id: "no-\"it\"", file: "a.yaml", line: 1) : nil,
            reason: deny ? "rule" : nil
        ).encoded
    }

    mutating func decide(_ number: UInt64, _ members: EncodedMembers, forwarded: Bool = true, to writer: JournalWriter)
        throws
    {
        tally.decided(members.bytes, statement: number, isForwarded: forwarded)
        try writer.append(
            StatementDecision(
                session: Self.session,
                statement: number,
                transaction: 1,
                judged: members,
                forwarded: forwarded
            ),
            now: Self.now
        )
    }

    mutating func end(_ number: UInt64, _ result: StatementOutcome.Result, rows: UInt64, to writer: JournalWriter)
        throws
    {
        tally.ended(result.rawValue, rows: rows)
        try writer.defer(
            StatementOutcome(
                session: Self.session,
                statement: number,
                result: result,
                tag: nil,
                rows: rows,
                bytes: 0,
                sqlState: nil,
                duration: .zero
            ),
            now: Self.now
        )
    }

    static func start(_ writer: JournalWriter, session: SessionID = session) throws {
        try writer.append(
            SessionStart(
                session: session,
                role: "r",
                database: "d",
                login: "l",
                client: ClientRecord(address: "unix", application: nil, tls: nil),
                identity: IdentityRecord(issuer: "ci", subject: "repo:a", claims: [:]),
                run: subject.run,
                policyHash: "p",
                upstream: UpstreamRecord(
                    host: "h",
                    port: 1,
                    backendPID: nil,
                    login: "l",
                    serverVersion: nil,
                    tls: nil,
                    connectedAt: now
                )
            ),
            now: now
        )
    }
}

struct ReceiptTests {
    private let folder = WriterFolder()
    private let key = SigningKey()

    private var signer: ReceiptSigner {
        ReceiptSigner(gateway: "gw", key: key, keyID: Checkpoint.keyID(of: key.publicKey))
    }

    /// Writes a session's records, with another session's among them, and gives its receipt.
    private func written(_ more: (JournalWriter, inout Account) throws -> Void = { _, _ in }) throws -> [UInt8] {
        var receipt: [UInt8] = []
        try folder.write(rotateSize: 2000) { writer in
            var account = Account()
            try Account.start(writer)
            try Account.start(writer, session: SessionID())
            let read = Account.members(
                "read",
                accesses: [Account.access(["public", "t"]), Account.access(["a", "b", "c"])]
            )
            for number in 1...3 { try account.decide(UInt64(number), read, to: writer) }
            try account.end(1, .ok, rows: 5, to: writer)
            let odd = "\"}],\"decision\":\"deny\",\"class\":\"ddl\""
            try account.decide(
                4,
                Account.members(
                    "write",
                    sql: odd,
                    accesses: [
                        Account.access(["public", "t"], "write"), Account.access(["public", "Ä\"x"], "write"),
                    ]
                ),
                to: writer
            )
            try account.decide(
                5,
                Account.members(
                    "ddl",
                    accesses: [
                        Account.access(["public", "ok"], "ddl"), Account.access(["public", "no"], "ddl", denied: true),
                    ],
                    deny: true
                ),
                forwarded: false,
                to: writer
            )
            try account.decide(6, Account.members(nil, would: true), to: writer)
            try account.end(4, .error, rows: 0, to: writer)
            try writer.append(SessionNote(session: Account.session, claim: Array("{\"a\":1}".utf8)), now: Account.now)
            account.tally.noted()
            try writer.append(
                TransactionEnd(session: Account.session, transaction: 1, result: .commit),
                now: Account.now
            )
            account.tally.transactionEnded("commit")
            try more(writer, &account)
            let draft = ReceiptDraft(Account.subject, gateway: "gw", issued: Account.now, tally: account.tally)
            let position = try writer.append(draft.event, now: Account.now)
            try writer.append(SessionCancel(session: Account.session, source: "x"), now: Account.now)
            receipt = draft.signed(at: position, by: signer)
        }
        return receipt
    }

    private func problems(_ bytes: [UInt8], keys: [VerifyingKey]? = nil, journal: Bool = true) throws -> [String] {
        let verifier = ReceiptVerifier(keys: keys ?? [key.publicKey], directories: journal ? [folder.path] : [])
        return try verifier.verify(try Receipt(bytes)).problems
    }

    private func problems(_ receipt: Receipt, keys: [VerifyingKey], journal: Bool = true) throws -> [String] {
        try ReceiptVerifier(keys: keys, directories: journal ? [folder.path] : []).verify(receipt).problems
    }

    @Test func `it says what was done, in one order`() throws {
        let text = String(decoding: try written(), as: UTF8.self)
        let parts = [
            #"{"v":1,"gateway":"gw","session":"aaaaaaaaaaaaaaaa","issued":"2027-01-15T08:00:01.000000Z","role":"r","#,
            #""database":"d","login":"l","identity":{"issuer":"ci","subject":"repo:a"},"#,
            #""run":{"repository":"acme/app","sha":"00ff","id":"7"},"policy_hash":"p","#,
            #""statements":{"read":3,"write":1,"ddl":0,"role":0,"function":0,"misc":0,"unparsed":1},"#,
            #""outcomes":{"ok":1,"error":1,"skipped":0,"canceled":0,"unknown":0},"#,
            #""transactions":{"commit":1,"rollback":0,"unknown":0},"rows":5,"notes":1,"withheld":1,"#,
            #""would_deny":1,"denied":1,"denials":[{"statement":5,"tag":"SELECT","object":"public.no","#,
            #""rule":"no-\"it\"","reason":"rule"}],"objects":["#,
            #"{"object":"public.t","classes":["read","write"]},"#,
            #"{"object":"a.b.c","kind":"function","classes":["read"]},"#,
            #"{"object":"public.\"Ä\"\"x\"","classes":["write"]}],"objects_left_out":0,"journal":{"chain":""#,
        ]
        #expect(text.hasPrefix(parts.joined()), "\(text)")
    }

    @Test func `it holds with the key alone, against the journal, and in a file that a terminal wrote`() throws {
        let receipt = try written()
        #expect(try problems(receipt).isEmpty)
        #expect(try problems(receipt, journal: false).isEmpty)
        #expect(try problems(Array(" ".utf8) + receipt + Array("\r\n".utf8)).isEmpty)
        // The key that lies beside this journal is another.
        let own = try ReceiptVerifier(keys: nil, directories: [folder.path]).verify(try Receipt(receipt))
        #expect(own.problems == ["the signature is not that of the journal's key, or of one that it endorsed"])
        #expect(own.attestation == .selfAttested)
        let report = try ReceiptVerifier(keys: [key.publicKey], directories: [folder.path]).verify(try Receipt(receipt))
        #expect(report.text(path: "r.json").hasPrefix("r.json: the receipt holds\n"))
        #expect(report.text(path: "r.json").contains("3 read, 1 write, 1 unparsed; 1 denied"))
        #expect(report.json.hasPrefix(#"{"holds":true,"session":"aaaaaaaaaaaaaaaa","self_attested":false,"journal":""#))
    }

    @Test func `one byte changed anywhere is found`() throws {
        let receipt = try written()
        for index in receipt.indices {
            var changed = receipt
            changed[index] ^= 1
            guard let read = try? Receipt(changed) else { continue }
            #expect(!read.isSigned(by: key.publicKey), "\(index)")
        }
    }

    @Test func `another key's receipt is none`() throws {
        let found = try problems(try written(), keys: [SigningKey().publicKey])
        #expect(found.count == 1 && found[0].hasPrefix("the signature is not that of a given key"))
    }

    @Test(arguments: [
        ("", "no JSON"), ("[]", "no JSON"), ("{\"v\":2}", "version"), ("{\"v\":1}", "members"),
        ("{\"v\":1,\"v\":1}", "no JSON"),
    ])
    func `what is no receipt is refused`(text: String, reason: String) {
        let error = #expect(throws: ReceiptError.self) { _ = try Receipt(Array(text.utf8)) }
        #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
    }

    @Test func `another spelling of the end is refused`() throws {
        let text = String(decoding: try written(), as: UTF8.self)
        for changed in [
            text.replacing(",\"key_id\"", with: ", \"key_id\""), text.replacing("\"seq\":", with: "\"seq\":0"),
            text.replacing("\"}", with: "\" }"),
        ] {
            #expect(throws: ReceiptError.self) { _ = try Receipt(Array(changed.utf8)) }
        }
    }

    @Test func `a gateway that counted otherwise is found by the journal`() throws {
        let receipt = try written { _, account in account.tally.ended("ok", rows: 1) }
        #expect(try problems(receipt, journal: false).isEmpty)
        #expect(try problems(receipt) == ["the journal counts other statements than the receipt"])
    }

    @Test func `a journal that is another one is found`() throws {
        let receipt = try written()
        let other = WriterFolder()
        try other.write { try Account.start($0) }
        let elsewhere = ReceiptVerifier(keys: [key.publicKey], directories: [other.path])
        let found = try elsewhere.verify(try Receipt(receipt)).problems
        #expect(found.count == 1 && found[0].hasPrefix("no journal given holds the chain"))
        let both = ReceiptVerifier(keys: [key.publicKey], directories: [other.path, folder.path])
        #expect(try both.verify(try Receipt(receipt)).isGood)
    }

    @Test func `a record that was changed or is gone is found`() throws {
        let receipt = try written()
        let names = folder.names().filter { $0.hasSuffix(".jsonl") }
        #expect(names.count > 1)
        let paths = names.map { folder.path + "/" + $0 }
        let whole = try paths.map { try Self.bytes($0) }
        // A digit of a count.
        var changed = whole[0]
        let text = String(decoding: changed, as: UTF8.self)
        let place = try #require(text.firstRange(of: "\"read\""))
        let offset = text.utf8.distance(from: text.startIndex, to: place.lowerBound)
        changed[offset + 1] = UInt8(ascii: "x")
        try Self.write(paths[0], changed)
        #expect(try problems(receipt).first?.contains("the record was changed") == true)
        // A whole line.
        let lines = whole[0].split(separator: UInt8(ascii: "\n"))
        try Self.write(
            paths[0],
            Array(lines.enumerated().filter { $0.offset != 3 }.map(\.element).joined(separator: [10])) + [10]
        )
        #expect(try problems(receipt).contains { $0.contains("the record before it is another one") })
        // The end.
        try Self.write(paths[0], whole[0])
        try Self.write(paths[paths.count - 1], [])
        for path in paths.dropFirst() { try Self.write(path, []) }
        #expect(try problems(receipt).contains { $0.contains("which the receipt names") })
    }

    @Test func `what retention removed is said, and contradicts nothing`() throws {
        let receipt = try Receipt(try written())
        let directory = try JournalDirectory(path: folder.path, signingKeyFile: nil)
        let retention = ChainRetention(of: "loop-0", in: directory)
        let plan = try #require(try retention.due(before: Account.now.advanced(by: .seconds(1_000_000))).plan)
        let writer = try JournalWriter(
            directory: directory,
            syncer: JournalSyncer { _ in },
            name: "loop-0",
            gateway: "gw",
            rotateSize: 1 << 20,
            now: Account.now
        )
        let event = RetentionRemoved(files: plan.files, through: plan.through, lastTime: plan.lastTime, retain: "1d")
        let record = try writer.append(event, now: Account.now)
        try writer.close(now: Account.now)
        try retention.carryOut(plan, record: record)
        let verifier = ReceiptVerifier(keys: [key.publicKey, directory.published], directories: [folder.path])
        let report = try verifier.verify(receipt)
        #expect(report.problems == [] && report.removedThrough == plan.through.seq)
        #expect(report.text(path: "r").contains("up to \(plan.through.seq) were removed by retention, so "))
        #expect(report.json.contains("\"removed_through\":\(plan.through.seq),"))
        // A statement that nobody who counts has signed is none.
        #expect(try !problems(receipt, keys: [key.publicKey]).isEmpty)
        unlink(folder.path + "/loop-0.retained")
        let found = try verifier.verify(receipt)
        #expect(found.problems.count == 1 && found.removedThrough == nil)
    }

    @Test func `a run's key is believed by its endorsement beside the journal, and without it that is said`() throws {
        let receipt = try Receipt(try written())
        let service = SigningKey()
        let made = KeyEndorsement(time: Account.now, key: key.publicKey, heads: [])
        let keyFolder = folder.path + "/keys"
        mkdir(keyFolder, 0o700)
        let path = "\(keyFolder)/\(made.keyID).key"
        try Self.write(path, made.text(signature: service.sign(made.message)))
        #expect(try problems(receipt, keys: [service.publicKey]) == [])
        let alone = try problems(receipt, keys: [service.publicKey], journal: false)
        #expect(alone.count == 1 && alone[0].contains("`keys/\(made.keyID).key`: give the journal's folder"))
        // From where on it counts is a part of the endorsement.
        let late = KeyEndorsement(time: Account.now, key: key.publicKey, heads: [receipt.position])
        try Self.write(path, late.text(signature: service.sign(late.message)))
        #expect(try problems(receipt, keys: [service.publicKey]).first?.contains("not endorsed for this place") == true)
        try Self.write(path, made.text(signature: SigningKey().sign(made.message)))
        let forged = try problems(receipt, keys: [service.publicKey])
        #expect(forged.count == 1 && forged[0].contains("no `keys/\(made.keyID).key` beside the journal endorses"))
    }

    @Test func `objects and denials are bounded, and the rest is counted`() throws {
        let receipt = try written { writer, account in
            for number in 0..<400 {
                let many = [Account.access(["public", "t\(number)"])]
                try account.decide(UInt64(100 + number), Account.members("read", accesses: many), to: writer)
                let long = Account.members("misc", accesses: [Account.access(["x"], denied: true)], deny: true)
                try account.decide(UInt64(1000 + number), long, forwarded: false, to: writer)
            }
        }
        #expect(receipt.count < 64 * 1024)
        #expect(try problems(receipt).isEmpty)
        let members = try Receipt(receipt).members
        #expect(members["objects"]?.arrayValue?.count == 256)
        #expect(members["objects_left_out"]?.numberValue?.text == "147")
        #expect(members["denials"]?.arrayValue?.count == 32)
        #expect(members["denied"]?.numberValue?.text == "401")
    }

    private static func bytes(_ path: String) throws -> [UInt8] {
        let reader = try JournalReader(path: path)
        var bytes: [UInt8] = []
        while let line = try reader.next() { bytes += line.bytes + [UInt8(ascii: "\n")] }
        return bytes
    }

    private static func write(_ path: String, _ bytes: [UInt8]) throws {
        guard let file = fopen(path, "w") else { throw JournalReadError("fopen failed") }
        defer { fclose(file) }
        #expect(fwrite(bytes, 1, bytes.count, file) == bytes.count)
    }
}
