import PosternCore
import PosternUpstream
import PostgresWire
import Testing

struct UpstreamLoginTests {
    private static func startup(_ version: ProtocolVersion) -> [UInt8] {
        FrontendMessage.startup(
            version: version,
            parameters: [
                StartupSetting("user", "migrator"), StartupSetting("database", "orders"),
                StartupSetting("client_encoding", "UTF8"), StartupSetting("application_name", "postern"),
            ]
        )
    }

    /// A machine that has sent its startup packet.
    private func started(_ plan: LoginPlan) -> UpstreamLogin {
        var login = UpstreamLogin(plan)
        _ = login.connected()
        return login
    }

    @Test func `a login without TLS and with trust`() {
        var login = UpstreamLogin(.test(methods: [.none]))
        #expect(login.connected() == .send(Self.startup(.version30)))
        let notice = ErrorFields(severity: .warning, sqlState: .internalError, message: "collation")
        var greeting = Greeting.whole
        greeting.insert(.noticeResponse(notice), at: 2)
        greeting.insert(.parameterStatus(ParameterStatus(name: "server_version", value: "15.21")), at: 5)
        guard case .succeed(let result) = login.received(bytes(greeting) + [0x4E, 0, 0]) else {
            Issue.record("no success")
            return
        }
        #expect(result.parameters.map(\.name) == ["client_encoding", "is_superuser", "server_version"])
        #expect(result.serverVersion == "15.21")
        #expect(result.cancelKey?.processID == 77)
        #expect(result.notices == [notice])
        #expect(result.leftover == [0x4E, 0, 0])
        #expect(result.version == .version30)
        #expect(!result.isSuperuser)
        #expect(result.method == .none)
        #expect(login.stage == "finished")
    }

    @Test func `a login comes out the same however its bytes are cut`() {
        let greeting = bytes(Greeting.whole) + [0x4E]
        var whole = started(.test(methods: [.none]))
        let expected = whole.received(greeting)
        for cut in 0...greeting.count {
            var login = started(.test(methods: [.none]))
            var last = login.received(greeting[..<cut])
            var tail: [UInt8] = []
            if case .succeed = last { tail = Array(greeting[cut...]) } else { last = login.received(greeting[cut...]) }
            guard case .succeed(let result) = last, case .succeed(let wanted) = expected else {
                Issue.record("no success at \(cut)")
                continue
            }
            #expect(result.leftover + tail == wanted.leftover)
            #expect(result.parameters == wanted.parameters)
        }
        var drip = started(.test(methods: [.none]))
        let actions = greeting.dropLast().map { drip.received([$0]) }
        #expect(actions.dropLast().allSatisfy { $0 == .receive })
        guard case .succeed = actions.last else {
            Issue.record("no success byte by byte")
            return
        }
    }

    @Test(arguments: [LoginPlan.test(mode: .verifyFull), .test(mode: .verifyCA)])
    func `TLS is asked for and started before anything is said`(plan: LoginPlan) {
        var login = UpstreamLogin(plan)
        #expect(login.connected() == .send(FrontendMessage.sslRequest))
        #expect(login.received([UInt8(ascii: "S")]) == .startEncryption)
        #expect(login.encryptionStarted(endPointDigest: nil) == .send(Self.startup(.version30)))
    }

    @Test func `direct TLS starts at once`() {
        var login = UpstreamLogin(.test(mode: .verifyFull, negotiation: .direct))
        #expect(login.connected() == .startEncryption)
        #expect(login.encryptionStarted(endPointDigest: nil) == .send(Self.startup(.version30)))
    }

    @Test(arguments: [
        ([UInt8(ascii: "N")], UpstreamFailure(.encryption, "server does not support TLS")),
        (
            [UInt8(ascii: "S"), 0x16],
            UpstreamFailure(.violation, "server sent unencrypted bytes behind its answer to the SSL request")
        ),
        ([0x16], UpstreamFailure(.violation, "server sent an invalid answer to the SSL request")),
        (
            bytes([.errorResponse(ErrorFields(severity: .fatal, sqlState: .tooManyConnections, message: "evil"))]),
            UpstreamFailure(.encryption, "server sent an error in place of TLS")
        ),
    ])
    func `any answer to the SSL request but S alone ends the login`(answer: [UInt8], failure: UpstreamFailure) {
        var login = UpstreamLogin(.test(mode: .verifyFull))
        _ = login.connected()
        #expect(login.received(answer) == .fail(failure))
    }

    @Test func `bytes while TLS starts end the login`() {
        var login = UpstreamLogin(.test(mode: .verifyFull))
        _ = login.connected()
        _ = login.received([UInt8(ascii: "S")])
        guard case .fail(let failure) = login.received([0]) else {
            Issue.record("bytes were taken")
            return
        }
        #expect(failure.reason == .violation)
    }

    @Test func `SCRAM goes through derivation to a verified server and gives keys for the next time`() {
        var plan = LoginPlan.test()
        var server = SCRAMServer()
        for round in 0...1 {
            var login = started(plan)
            guard
                case .send(let first) = login.received(
                    bytes([.authentication(.sasl(mechanisms: ["SCRAM-SHA-256"]))])
                )
            else { return report("no client-first") }
            #expect(String(decoding: first, as: UTF8.self).contains("SCRAM-SHA-256\0"))
            var action = login.received(server.challenge(to: first).encoded)
            if round == 0 {
                guard case .derive(let derivation) = action else { return report("no derivation") }
                #expect(login.received([]) == .receive)
                action = login.keysDerived(derivation.run())
            }
            guard case .send(let proof) = action else { return report("no proof in round \(round)") }
            guard
                case .succeed(let result) = login.received(
                    server.signature(for: proof).encoded + bytes(Greeting.whole)
                )
            else { return report("no success") }
            #expect(result.method == .scramSHA256)
            #expect(result.keys != nil)
            plan.cachedKeys = result.keys
        }
    }

    @Test(
        arguments: [
            // Offered, methods, digest, mode; then the GS2 header or nil for a refusal.
            (["SCRAM-SHA-256"], [.scramSHA256], nil, .disable, "n,,"),
            (["SCRAM-SHA-256"], [.scramSHA256], [1], .verifyFull, "y,,"),
            (["SCRAM-SHA-256"], [.scramSHA256], nil, .verifyFull, "n,,"),
            (["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"], [.scramSHA256], [1], .verifyFull, "p=tls-server-end-point,,"),
            (
                ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"], [.scramSHA256Plus], [1], .verifyFull,
                "p=tls-server-end-point,,"
            ),
            (["SCRAM-SHA-256-PLUS"], [.scramSHA256], [1], .verifyFull, "p=tls-server-end-point,,"),
            // No digest of the certificate (Ed25519): binding is left out, or the login refused where it is required.
            (["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"], [.scramSHA256], nil, .verifyFull, "n,,"),
            (["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"], [.scramSHA256Plus], nil, .verifyFull, nil),
            (["SCRAM-SHA-256-PLUS"], [.scramSHA256], nil, .verifyFull, nil),
            (["SCRAM-SHA-256"], [.scramSHA256Plus], [1], .verifyFull, nil),
            (["SCRAM-SHA-256"], [.scramSHA256Plus], nil, .disable, nil),
            (["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"], [.scramSHA256], nil, .disable, nil),
            (["SCRAM-SHA-256"], [.md5, .password, .none], nil, .disable, nil),
            (["OAUTHBEARER"], [.scramSHA256], nil, .disable, nil), ([], [.scramSHA256], nil, .disable, nil),
        ] as [([String], Set<AuthenticationMethod>, [UInt8]?, UpstreamEncryption.Mode, String?)]
    )
    func `channel binding is used where it can be`(
        offered: [String],
        methods: Set<AuthenticationMethod>,
        digest: [UInt8]?,
        mode: UpstreamEncryption.Mode,
        header: String?
    ) {
        var login = UpstreamLogin(.test(methods: methods, mode: mode, negotiation: .direct))
        _ = login.connected()
        if mode != .disable { _ = login.encryptionStarted(endPointDigest: digest) }
        let action = login.received(bytes([.authentication(.sasl(mechanisms: offered))]))
        switch (action, header) {
        case (.send(let message), let header?):
            #expect(String(decoding: message, as: UTF8.self).contains(header + "n=,r="))
        case (.fail(let failure), nil):
            #expect([.methodNotAllowed, .violation].contains(failure.reason))
        default:
            Issue.record("\(action)")
        }
    }

    @Test func `md5 and clear text are sent where they are allowed`() {
        var login = started(.test(methods: [.md5]))
        let request = BackendMessage.authentication(.md5Password(salt: [1, 2, 3, 4]))
        let digest = MD5Password.response(login: "migrator", password: Array("secret".utf8), salt: [1, 2, 3, 4])
        #expect(login.received(request.encoded) == .send(FrontendMessage.password(Redacted(digest))))
        guard case .succeed(let result) = login.received(bytes(Greeting.whole)) else {
            return report("no success")
        }
        #expect(result.method == .md5)

        var clear = UpstreamLogin(.test(methods: [.password], mode: .verifyFull, negotiation: .direct))
        _ = clear.connected()
        _ = clear.encryptionStarted(endPointDigest: nil)
        #expect(
            clear.received(bytes([.authentication(.cleartextPassword)]))
                == .send(FrontendMessage.password(Redacted(Array("secret".utf8))))
        )
    }

    @Test(arguments: [
        (LoginPlan.test(methods: [.scramSHA256]), AuthenticationRequest.cleartextPassword),
        (.test(methods: [.scramSHA256]), .md5Password(salt: [1, 2, 3, 4])), (.test(methods: [.scramSHA256]), .ok),
        (.test(methods: [.password]), .cleartextPassword),
        (.test(methods: [.md5, .password], password: nil), .md5Password(salt: [1, 2, 3, 4])),
        (.test(methods: [.md5], password: ""), .md5Password(salt: [1, 2, 3, 4])),
        (.test(methods: [.md5], password: "a\0b"), .md5Password(salt: [1, 2, 3, 4])),
        (.test(password: nil), .sasl(mechanisms: ["SCRAM-SHA-256"])),
        (.test(methods: Set(AuthenticationMethod.allCases)), .unsupported(code: 7)),
    ])
    func `a way to log in that is not allowed ends the login`(plan: LoginPlan, request: AuthenticationRequest) {
        var login = started(plan)
        guard case .fail(let failure) = login.received(bytes([.authentication(request)])) else {
            return report("not refused")
        }
        #expect(failure.reason == .methodNotAllowed)
        #expect(failure.refusal.sqlState == .connectionFailure)
        #expect(!failure.log.contains("secret"))
    }

    @Test func `protocol 3_2 is offered, and 3_0 taken once where the server says so`() {
        let long = bytes([.authentication(.ok)] + Greeting.parameters.map(BackendMessage.parameterStatus))
        let down = BackendMessage.negotiateProtocolVersion(.init(version: .version30, unrecognizedOptions: []))
        var plan = LoginPlan.test(methods: [.none], offersLongCancelKeys: true)

        var new = UpstreamLogin(plan)
        #expect(new.connected() == .send(Self.startup(.version32)))
        guard case .succeed(let result) = new.received(long + bytes([Greeting.key(256), .readyForQuery(.idle)]))
        else { return report("no success") }
        #expect(result.version == .version32)
        #expect(result.cancelKey?.reveal().count == 256)

        var old = started(plan)
        guard case .succeed(let result) = old.received(down.encoded + bytes(Greeting.whole)) else {
            return report("no success")
        }
        #expect(result.version == .version30)

        plan.offersLongCancelKeys = false
        for (plan, messages) in [
            (plan, down.encoded), (.test(methods: [.none], offersLongCancelKeys: true), down.encoded + down.encoded),
        ] {
            var login = started(plan)
            guard case .fail = login.received(messages) else {
                Issue.record("negotiated what was not asked for")
                continue
            }
        }
    }

    @Test func `a session without a cancel key is taken`() {
        var login = started(.test(methods: [.none]))
        guard case .succeed(let result) = login.received(bytes(Greeting.whole.filter { $0 != Greeting.key(4) })) else {
            return report("no success")
        }
        #expect(result.cancelKey == nil)
    }

    @Test func `a superuser is refused unless allowed`() {
        var plan = LoginPlan.test(methods: [.none])
        let superuser = BackendMessage.parameterStatus(ParameterStatus(name: "is_superuser", value: "on"))
        let greeting = bytes(Array(Greeting.whole.dropLast()) + [superuser, .readyForQuery(.idle)])
        var login = started(plan)
        guard case .fail(let failure) = login.received(greeting) else { return report("not refused") }
        #expect(failure.reason == .superuser)
        plan.allowsSuperuser = true
        login = started(plan)
        guard case .succeed(let result) = login.received(greeting) else { return report("refused") }
        #expect(result.isSuperuser)
    }

    @Test func `a plan that cannot be sent fails before anything is sent`() {
        for setting in [
            StartupSetting("a\0b", "c"), StartupSetting("a", "b\0c"), StartupSetting("", "b"),
            StartupSetting("a", String(repeating: "x", count: 10_000)),
        ] {
            var plan = LoginPlan.test()
            plan.parameters = [setting]
            var login = UpstreamLogin(plan)
            guard case .fail(let failure) = login.connected() else {
                Issue.record("sent")
                continue
            }
            #expect(failure.reason == .plan)
        }
    }
}
