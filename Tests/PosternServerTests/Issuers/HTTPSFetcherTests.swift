import PosternCore
import PosternIdentity
import PosternServer
import PosternTestKit
import Testing

struct HTTPSFetcherTests {
    private func fetch(
        _ path: String,
        connection: IssuerConnection? = nil,
        authorization: String? = nil,
        entityTag: String? = nil,
        timeout: Duration = HTTPSFetcher.timeout
    ) throws -> Result<HTTPSFetcher.Response, HTTPSFetcher.Failure> {
        let issuer = try LocalIssuer.shared.get()
        let request = HTTPSFetcher.Request(
            url: try #require(HTTPSURL(issuer.url(path))),
            connection: connection ?? issuer.connection,
            authorization: authorization.map { Redacted($0) },
            entityTag: entityTag,
            timeout: timeout
        )
        do throws(HTTPSFetcher.Failure) {
            return .success(try HTTPSFetcher().fetch(request))
        } catch {
            return .failure(error)
        }
    }

    private func failure(_ result: Result<HTTPSFetcher.Response, HTTPSFetcher.Failure>) -> HTTPSFetcher.Failure? {
        switch result {
        case .success: nil
        case .failure(let failure): failure
        }
    }

    @Test func `a reply comes with its freshness and tag`() throws {
        let response = try fetch("/jwks").get()
        #expect(response.status == 200)
        #expect(response.freshness == .seconds(280))
        #expect(response.entityTag == #""v1""#)
        #expect(try KeySet.parse(response.body).keys.map(\.keyID) == ["served"])
        let again = try fetch("/jwks", entityTag: #""v1""#).get()
        #expect(again.status == 304)
        #expect(again.body.isEmpty)
    }

    @Test func `only what is meant to be sent is sent`() throws {
        for _ in 0..<2 {
            let text = String(decoding: try fetch("/echo", authorization: "Bearer s3cret").get().body, as: UTF8.self)
            #expect(text.contains("Authorization: Bearer s3cret"))
            #expect(!text.contains("Cookie"))
            #expect(!text.contains("Accept-Encoding"))
        }
        #expect(failure(try fetch("/echo", authorization: "a\r\nX-Other: b")) != nil)
    }

    @Test func `a redirect is not followed`() throws {
        #expect(try fetch("/redirect").get().status == 302)
    }

    @Test func `the body is bounded`() throws {
        #expect(try fetch("/largest").get().body.count == 262_144)
        #expect(failure(try fetch("/large")) == .tooLarge)
        #expect(failure(try fetch("/endless")) == .tooLarge)
    }

    @Test func `the time is bounded`() throws {
        #expect(failure(try fetch("/silent", timeout: .milliseconds(300))) == .timedOut)
    }

    @Test func `an address of this machine needs leave`() throws {
        let issuer = try LocalIssuer.shared.get()
        let connection = IssuerConnection(caFile: issuer.connection.caFile)
        switch failure(try fetch("/jwks", connection: connection)) {
        case .addressNotAllowed(let address)?: #expect(["127.0.0.1", "::1"].contains(address))
        case .tooLarge?, .timedOut?, .transport?, nil: Issue.record("the address was connected to")
        }
    }

    @Test func `the issuer's authority replaces the system's`() throws {
        #expect(failure(try fetch("/jwks", connection: IssuerConnection(allowPrivate: true))) != nil)
        let system = IssuerConnection(caFile: "/etc/ssl/certs/ca-certificates.crt", allowPrivate: true)
        #expect(failure(try fetch("/jwks", connection: system)) != nil)
        let missing = IssuerConnection(caFile: "/nonexistent.pem", allowPrivate: true)
        #expect(failure(try fetch("/jwks", connection: missing)) != nil)
    }

    @Test func `a proxy is used when it is configured`() throws {
        let issuer = try LocalIssuer.shared.get()
        let caFile = issuer.connection.caFile
        let connection = IssuerConnection(caFile: caFile, proxy: "http://127.0.0.1:1", allowPrivate: true)
        #expect(failure(try fetch("/jwks", connection: connection)) != nil)
    }

    @Test func `the certificate must be for the host`() throws {
        let issuer = try LocalIssuer.shared.get()
        let url = try #require(HTTPSURL("https://127.0.0.1:\(issuer.port)/jwks"))
        #expect(throws: HTTPSFetcher.Failure.self) {
            try HTTPSFetcher().fetch(.init(url: url, connection: issuer.connection))
        }
    }

    @Test(
        arguments: [
            (["Cache-Control: max-age=60"], 60, nil), (["cache-control: public, MAX-AGE=60, x"], 60, nil),
            (["Cache-Control: max-age=60", "Age: 20"], 40, nil), (["Cache-Control: max-age=60", "Age: 90"], 0, nil),
            (["Cache-Control: max-age=60, no-store"], 0, nil), (["Cache-Control: no-cache"], 0, nil),
            (["Age: 5"], nil, nil),
            (["Cache-Control: max-age=-1"], nil, nil), (["Cache-Control: max-age=x"], nil, nil),
            (["Cache-Control: max-age=99999999999999999999"], 2_147_483_647, nil),
            (["Cache-Control: max-age=\"60\""], 60, nil),
            (["ETag: \"a\""], nil, "\"a\""), (["ETag: W/\"a\""], nil, "W/\"a\""), (["ETag: a\u{1}"], nil, nil),
            (["ETag:"], nil, nil),
            (["Cache-Control: max-age=60", "HTTP/1.1 200 OK"], nil, nil), (["nonsense", ""], nil, nil),
        ] as [([String], Int?, String?)]
    )
    func `header fields are read leniently and bounded`(lines: [String], freshness: Int?, tag: String?) {
        var headers = ReplyHeaders()
        for line in lines { headers.take(Array((line + "\r\n").utf8)) }
        #expect(headers.freshness == freshness.map { .seconds($0) })
        #expect(headers.entityTag == tag)
    }
}
