package import PosternCore
package import PosternIdentity
internal import PosternNet

/// What a key set was read with, so that the next reading can ask whether it changed.
package struct KeySetTag: Hashable, Sendable {
    let url: HTTPSURL
    let entityTag: String
}

package struct KeySetRequest: Sendable {
    package let settings: IssuerSettings
    /// Called for every fetch.
    package let authorization: IssuerAuthorization?
    package let tag: KeySetTag?

    package init(settings: IssuerSettings, authorization: IssuerAuthorization?, tag: KeySetTag?) {
        self.settings = settings
        self.authorization = authorization
        self.tag = tag
    }
}

/// Reads the value of the Authorization header for an issuer that asks for one; without a space in it, a bearer
/// token. It may block.
package typealias IssuerAuthorization = @Sendable () throws -> Redacted<String>

package enum FetchedKeySet: Sendable {
    case keySet(KeySet, freshness: Duration?, tag: KeySetTag?)
    /// The one that the tag is of.
    case unchanged(freshness: Duration?)
}

package struct KeySetFetchFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// For logs, `/readyz` and `check`.
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}

/// Gets an issuer's key set. It blocks, for 5 s at most: for the blocking pool only.
package protocol KeySetFetching: Sendable {
    func fetch(_ request: KeySetRequest) throws(KeySetFetchFailure) -> FetchedKeySet
}

/// Gets key sets from files, and over HTTPS with or without discovery.
package struct KeySetFetcher: KeySetFetching {
    private let https = HTTPSFetcher()

    package init() {}

    package func fetch(_ request: KeySetRequest) throws(KeySetFetchFailure) -> FetchedKeySet {
        switch request.settings.keys {
        case .file(let path):
            return .keySet(try parse(try read(path)), freshness: nil, tag: nil)
        case .jwksURI(let url):
            let authorization = try authorization(request)
            return try keySet(url, request, authorization, HTTPSFetcher.timeout)
        case .discovery:
            let started = SteadyClock.now()
            let authorization = try authorization(request)
            guard let url = DiscoveryDocument.url(ofIssuer: request.settings.issuer) else {
                throw KeySetFetchFailure("the issuer is not an https URL")
            }
            let reply = try get(url, request, authorization, nil, HTTPSFetcher.timeout)
            guard reply.status == 200 else { throw KeySetFetchFailure("`\(url)` answered \(reply.status)") }
            let document: DiscoveryDocument
            do throws(DiscoveryDocument.Failure) {
                document = try DiscoveryDocument.parse(reply.body, issuer: request.settings.issuer)
            } catch {
                throw KeySetFetchFailure(error.description)
            }
            let left = HTTPSFetcher.timeout - SteadyClock.now().since(started)
            guard left > .zero else { throw KeySetFetchFailure("`\(url)`: \(HTTPSFetcher.Failure.timedOut)") }
            // The document's author may name any host: the secret is for the configured one.
            let isSameHost = document.keySetURL.authority == url.authority
            return try keySet(document.keySetURL, request, isSameHost ? authorization : nil, left)
        }
    }

    private func authorization(_ request: KeySetRequest) throws(KeySetFetchFailure) -> Redacted<String>? {
        guard let read = request.authorization else { return nil }
        do {
            // A Kubernetes token file holds the token alone.
            let value = try read().reveal()
            return Redacted(value.contains(" ") ? value : "Bearer " + value)
        } catch {
            throw KeySetFetchFailure("the issuer's `authorization` cannot be read")
        }
    }

    private func keySet(
        _ url: HTTPSURL,
        _ request: KeySetRequest,
        _ authorization: Redacted<String>?,
        _ timeout: Duration
    ) throws(KeySetFetchFailure) -> FetchedKeySet {
        let known = request.tag.flatMap { $0.url == url ? $0.entityTag : nil }
        let reply = try get(url, request, authorization, known, timeout)
        if reply.status == 304, known != nil { return .unchanged(freshness: reply.freshness) }
        guard reply.status == 200 else { throw KeySetFetchFailure("`\(url)` answered \(reply.status)") }
        let tag = reply.entityTag.map { KeySetTag(url: url, entityTag: $0) }
        return .keySet(try parse(reply.body), freshness: reply.freshness, tag: tag)
    }

    private func get(
        _ url: HTTPSURL,
        _ request: KeySetRequest,
        _ authorization: Redacted<String>?,
        _ entityTag: String?,
        _ timeout: Duration
    ) throws(KeySetFetchFailure) -> HTTPSFetcher.Response {
        do throws(HTTPSFetcher.Failure) {
            return try https.fetch(
                .init(
                    url: url,
                    connection: request.settings.connection,
                    authorization: authorization,
                    entityTag: entityTag,
                    timeout: timeout
                )
            )
        } catch {
            throw KeySetFetchFailure("`\(url)`: \(error)")
        }
    }

    private func parse(_ bytes: [UInt8]) throws(KeySetFetchFailure) -> KeySet {
        do throws(KeySet.Failure) {
            return try KeySet.parse(bytes)
        } catch {
            throw KeySetFetchFailure(error.description)
        }
    }

    private func read(_ path: String) throws(KeySetFetchFailure) -> [UInt8] {
        do throws(SmallFile.Failure) {
            return try SmallFile.read(path, limit: KeySet.byteLimit)
        } catch {
            throw KeySetFetchFailure("`\(path)`: \(error.reason)")
        }
    }
}
