import PosternCore
import PosternPolicy
import Testing

struct CertificateMatcherTests {
    private static let place = SourceLocation(file: "a.yaml", line: 1, column: 1)

    private func glob(_ pattern: String, _ part: CertificateMatcher.Part) throws -> ClaimMatcher {
        .glob(try #require(Glob(pattern, delimiters: part.globDelimiters)))
    }

    private func matcher(_ demands: (CertificateMatcher.Part, ClaimMatcher)...) -> CertificateMatcher {
        CertificateMatcher(
            demands: demands.map { .init(part: $0.0, matcher: $0.1, location: Self.place) },
            location: Self.place
        )
    }

    private let names = CertificateNames(
        subject: "CN=runner-1,O=Acme",
        dns: ["a.ci.acme.test", "b.acme.test"],
        uris: ["spiffe://acme/ns/ci/sa/runner"],
        emails: ["ops@acme.test"]
    )

    @Test func `every part must match, and of several names one`() {
        let good = matcher(
            (.subject, .exactly(.string("CN=runner-1,O=Acme"))),
            (.dns, .anyOf([.exactly(.string("x")), .exactly(.string("b.acme.test"))]))
        )
        #expect(good.mismatch(names) == nil)
        let bad = matcher(
            (.subject, .exactly(.string("CN=runner-1,O=Acme"))),
            (.email, .exactly(.string("x@acme.test")))
        )
        #expect(bad.mismatch(names)?.part == .email)
    }

    @Test func `no certificate never matches, and no name of the kind neither`() throws {
        let any = matcher((.subject, try glob("*", .subject)))
        #expect(any.mismatch(nil) == WhoRefusal.CertificateMismatch(part: nil, location: Self.place))
        let dns = matcher((.dns, try glob("*", .dns)))
        #expect(dns.mismatch(CertificateNames(subject: "CN=x"))?.part == .dns)
    }

    @Test(arguments: [
        (CertificateMatcher.Part.subject, "CN=runner-*,O=Acme", "CN=runner-1,O=Acme", true),
        (.subject, "CN=*,O=Acme", "CN=runner 1 / x:y,O=Acme", true), (.subject, "CN=*", "CN=a,O=Acme", false),
        (.subject, "CN=*,O=Acme", "CN=a,OU=b,O=Acme", false), (.subject, "CN=*,O=Acme", "CN=a+OU=b,O=Acme", false),
        (.subject, "CN=*,O=Acme", #"CN=a\,O=Acme"#, false), (.subject, "*,O=Acme", #"CN=a\\,O=Acme"#, false),
        (.subject, "CN=*O=Acme", #"CN=a\,O=Acme"#, false), (.dns, "*.ci.acme.test", "a.ci.acme.test", true),
        (.dns, "*.ci.acme.test", "a.b.ci.acme.test", false), (.dns, "*", "localhost", true), (.dns, "*", "a.b", false),
        (.uri, "spiffe://acme/ns/*/sa/*", "spiffe://acme/ns/ci/sa/runner", true),
        (.uri, "spiffe://*", "spiffe://acme/x", false), (.email, "*@acme.test", "a.b@acme.test", true),
        (.email, "*", "a@acme.test", false),
    ])
    func `a star stays within its piece`(part: CertificateMatcher.Part, pattern: String, value: String, matches: Bool)
        throws
    {
        let matcher = matcher((part, try glob(pattern, part)))
        let names = CertificateNames(
            subject: part == .subject ? value : "CN=x",
            dns: part == .dns ? [value] : [],
            uris: part == .uri ? [value] : [],
            emails: part == .email ? [value] : []
        )
        #expect((matcher.mismatch(names) == nil) == matches)
    }
}
