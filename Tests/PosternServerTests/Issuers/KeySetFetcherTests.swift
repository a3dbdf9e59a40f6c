import PosternCore
import PosternIdentity
import PosternServer
import PosternTestKit
import Testing

struct KeySetFetcherTests {
    private func outcome(
        _ issuer: String,
        _ source: KeySource,
        tag: KeySetTag? = nil,
        authorization: IssuerAuthorization? = nil
    ) throws -> (String, KeySetTag?) {
        let settings = IssuerSettings(
            name: "local",
            issuer: issuer,
            audience: "a",
            keys: source,
            connection: try LocalIssuer.shared.get().connection
        )
        do throws(KeySetFetchFailure) {
            let request = KeySetRequest(settings: settings, authorization: authorization, tag: tag)
            switch try KeySetFetcher().fetch(request) {
            case .keySet(let keySet, let freshness, let tag):
                let seconds = freshness.map { "\(Int($0.inSeconds))" } ?? "-"
                return ("\(keySet.keys.compactMap(\.keyID)) \(seconds)", tag)
            case .unchanged: return ("unchanged", tag)
            }
        } catch {
            return (error.description, nil)
        }
    }

    @Test func `discovery leads to the keys, and a tag spares the second reading`() throws {
        let issuer = try LocalIssuer.shared.get().url("/ok")
        let (first, tag) = try outcome(issuer, .discovery)
        #expect(first == #"["served"] 280"#)
        #expect(tag != nil)
        #expect(try outcome(issuer, .discovery, tag: tag).0 == "unchanged")
    }

    @Test(arguments: [
        ("/other", "names another issuer"), ("/plain", "is not an https URL"), ("/ok/", "names another issuer"),
    ])
    func `a discovery document that is not the issuer's own leads nowhere`(path: String, text: String) throws {
        #expect(try outcome(LocalIssuer.shared.get().url(path), .discovery).0.contains(text))
    }

    @Test(arguments: [
        ("/jwks", #"["served"] 280"#), ("/missing", "answered 404"), ("/redirect", "answered 302"),
        ("/echo", "malformed"),
    ])
    func `a URL in the settings stands in for discovery`(path: String, text: String) throws {
        let url = try #require(HTTPSURL(LocalIssuer.shared.get().url(path)))
        #expect(try outcome("https://anything.example", .jwksURI(url)).0.contains(text))
    }

    @Test func `a secret goes to the configured host alone`() throws {
        let issuer = try LocalIssuer.shared.get()
        let near = issuer.url("/near"), far = issuer.url("/far")
        #expect(try outcome(near, .discovery).0.contains("answered 401"))
        for value in ["s3cret", "Bearer s3cret"] {
            #expect(try outcome(near, .discovery, authorization: { Redacted(value) }).0.hasPrefix(#"["served"]"#))
            #expect(try outcome(far, .discovery, authorization: { Redacted(value) }).0.contains("answered 401"))
        }
        let broken = try outcome(near, .discovery, authorization: { throw KeySetFetchFailure("s3cret") }).0
        #expect(broken == "the issuer's `authorization` cannot be read")
    }

    @Test func `a file stands in for discovery`() throws {
        let folder = try LocalIssuer.shared.get().folder
        #expect(try outcome("https://a.example", .file(path: folder + "/jwks.json")).0 == #"["served"] -"#)
        #expect(try outcome("https://a.example", .file(path: folder + "/none.json")).0.contains("No such file"))
        #expect(try outcome("https://a.example", .file(path: folder)).0.contains("directory"))
        #expect(try outcome("https://a.example", .file(path: "/dev/zero")).0.contains("more than 262144 bytes"))
    }
}
