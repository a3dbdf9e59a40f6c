import Foundation
import PosternConfiguration
import PosternCore
import PosternPolicy
import Testing

/// Listeners that ask for OAUTHBEARER and for certificates, and what roles ask of tokens.
struct BindingConfigurationTests {
    private static let plain = #"- {address: "127.0.0.1:6432"}"#
    private static let issuer =
        #"ci: {profile: generic, issuer: "https://ci.example.com", audience: postern.example.com}"#

    private func workspace(
        listener: String = plain,
        issuers: String = issuer,
        role: String = "    rules: unrestricted",
        certificate: String = ""
    ) throws -> Workspace {
        let configuration = Workspace.configuration.replacing(Self.plain, with: listener)
            .replacing(Self.issuer, with: issuers)
        let policy = Workspace.policy.replacing("    rules: unrestricted", with: role)
            .replacing("claims: {ref: refs/heads/main}", with: "claims: {ref: refs/heads/main}\(certificate)")
        return try Workspace(configuration: configuration, policies: ["a.yaml": policy])
    }

    private func listener(_ keys: String) -> String { #"- {address: "127.0.0.1:6432", \#(keys)}"# }

    @Test func `a listener names the only issuer, or the one that it is told`() throws {
        let two = Self.issuer + "\n  " + Self.issuer.replacing("ci", with: "other")
        let cases = [
            ("authentication: oauthbearer", Self.issuer, "https://ci.example.com", "openid"),
            (
                "authentication: oauthbearer, oauth: {issuer: other, scope: openid a:b}", two,
                "https://other.example.com", "openid a:b"
            ),
        ]
        for (keys, issuers, url, scope) in cases {
            let result = try workspace(listener: listener(keys), issuers: issuers).load()
            let configuration = try #require(result.snapshot?.configuration, "\(result.diagnostics)")
            #expect(configuration.listeners[0].authentication == .oauthbearer)
            let oauth = try #require(configuration.listeners[0].oauth)
            #expect(configuration.issuer(of: oauth)?.issuer == url && oauth.scope == scope)
        }
        #expect(try workspace().load().snapshot?.configuration.listeners[0].oauth == nil)
    }

    @Test(arguments: [
        ("oauth: {issuer: ci}", "`oauth` means nothing without `authentication: oauthbearer`"),
        ("authentication: password, oauth: {}", "`oauth` means nothing without `authentication: oauthbearer`"),
        ("authentication: oauthbearer, oauth: {issuer: co}", "there is no issuer `co`"),
        ("authentication: oauthbearer, oauth: {scope: 'a  b'}", "`a  b` is no scope"),
        (#"authentication: oauthbearer, oauth: {scope: 'a"b'}"#, #"`a"b` is no scope"#),
        ("authentication: oauthbearer, oauth: {scope: é}", "`é` is no scope"),
        ("authentication: oauthbearer, oauth: {realm: x}", "unknown key `realm` in `oauth` of a listener"),
        ("authentication: oauth", "`authentication` cannot be `oauth`"),
        (
            "authentication: oauthbearer, oauth: {scope: \(String(repeating: "s", count: 1700))}",
            "the issuer's URL and `scope` have more than 1700 bytes together"
        ),
    ])
    func `what a listener cannot tell its jobs is a mistake`(keys: String, message: String) throws {
        let complaints = try workspace(listener: listener(keys)).complaints()
        #expect(complaints.count == 1 && complaints[0].hasSuffix(message), "\(complaints)")
    }

    @Test func `with several issuers one must be named`() throws {
        let two = Self.issuer + "\n  " + Self.issuer.replacing("ci", with: "other")
        let complaints = try workspace(listener: listener("authentication: oauthbearer"), issuers: two).complaints()
        #expect(
            complaints == [
                "3:5 a listener with `authentication: oauthbearer` names one issuer to its jobs, and there are several"
            ]
        )
    }

    @Test func `an authority's file is part of the configuration`() throws {
        let tls = "tls: {certificate: gateway.crt, key: gateway.key, client_ca: db-ca.crt}"
        let workspace = try workspace(listener: listener(tls))
        let result = workspace.load()
        #expect(result.snapshot?.configuration.listeners[0].clientAuthorities == workspace.path + "/db-ca.crt")
        #expect(result.files.contains(workspace.path + "/db-ca.crt"))
        let missing = try self.workspace(listener: listener(tls.replacing("db-ca", with: "none")))
        #expect(missing.complaints().map { $0.contains("cannot read `none.crt`") } == [true])
    }

    @Test func `an entry may ask for a certificate's names`() throws {
        let tls = "tls: {certificate: gateway.crt, key: gateway.key, client_ca: db-ca.crt}"
        let certificate = #", certificate: {subject: "CN=a,O=b", dns: [x.test, {glob: "*.y.test"}]}"#
        let result = try workspace(listener: listener(tls), certificate: certificate).load()
        let role = try #require(result.snapshot?.policies.role(named: "migrator"), "\(result.diagnostics)")
        let claims: JSONObject = ["ref": .string("refs/heads/main")]
        func match(_ names: CertificateNames?) -> RoleMatch {
            role.match(issuer: "ci", claims: claims, trust: .all, certificate: names)
        }
        #expect(match(CertificateNames(subject: "CN=a,O=b", dns: ["a.y.test"])) == .matched(entry: 0))
        guard case .refused(.certificate(entry: 0, let mismatch)) = match(CertificateNames(subject: "CN=a,O=b")) else {
            Issue.record("a certificate without the name matches")
            return
        }
        #expect(mismatch.part == .dns)
        #expect(match(nil) != .matched(entry: 0))
    }

    @Test(arguments: [
        ("{}", "`certificate` must not be empty"),
        ("{serial: x}", "unknown key `serial` in `certificate` of an entry"),
        ("{subject: 7}", "`subject` of a certificate must be text, `{glob: …}`, or a list of these"),
        ("{dns: {contains: x}}", "`dns` of a certificate must be text, `{glob: …}`, or a list of these"),
        ("{dns: [a.test, true]}", "`dns` of a certificate must be text, `{glob: …}`, or a list of these"),
        ("{dns: A.test}", "`A.test` would never match"),
        ("runner", "`certificate` of an entry must be a mapping, not text"),
    ])
    func `what no certificate can be asked for is a mistake`(text: String, message: String) throws {
        let tls = "tls: {certificate: gateway.crt, key: gateway.key, client_ca: db-ca.crt}"
        let complaints = try workspace(listener: listener(tls), certificate: ", certificate: \(text)").complaints()
        #expect(complaints.count == 1 && complaints[0].hasSuffix(message), "\(complaints)")
    }

    @Test func `a certificate that nobody is asked for is a mistake`() throws {
        let complaints = try workspace(certificate: ", certificate: {subject: CN=a}").complaints()
        #expect(complaints.count == 1, "\(complaints)")
        #expect(complaints[0].hasSuffix("an entry with `certificate` never matches: no listener asks for one"))
    }

    @Test func `a role binds its tokens`() throws {
        let keys = """
                rules: unrestricted
                single_use: true
                max_token_age: 5m
                client_networks: [10.0.0.0/8, "2001:db8::/32", unix]
                end_with_token: true
            """
        let result = try workspace(role: keys).load()
        let role = try #require(result.snapshot?.policies.role(named: "migrator"), "\(result.diagnostics)")
        let networks = try ["10.0.0.0/8", "2001:db8::/32", "unix"].map { try ClientNetwork($0) }
        #expect(
            role.binding
                == TokenBinding(
                    singleUse: true,
                    maximumTokenAge: .seconds(300),
                    clientNetworks: networks,
                    endsWithToken: true
                )
        )
        #expect(try workspace().load().snapshot?.policies.role(named: "migrator")?.binding == TokenBinding())
    }
}
