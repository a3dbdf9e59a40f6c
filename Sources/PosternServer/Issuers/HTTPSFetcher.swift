internal import CCurl
package import PosternCore
package import PosternIdentity

/// One GET over verified HTTPS, by libcurl, for an issuer's documents.
///
/// It blocks: for the blocking pool only. No redirects, cookies, credentials of files, compression or proxies of the
/// environment; body and time are bounded.
package struct HTTPSFetcher: Sendable {
    package struct Request: Sendable {
        package let url: HTTPSURL
        package let connection: IssuerConnection
        /// The value of the Authorization header.
        package let authorization: Redacted<String>?
        /// For If-None-Match.
        package let entityTag: String?
        /// For the whole exchange, name resolution included.
        package let timeout: Duration

        package init(
            url: HTTPSURL,
            connection: IssuerConnection = IssuerConnection(),
            authorization: Redacted<String>? = nil,
            entityTag: String? = nil,
            timeout: Duration = HTTPSFetcher.timeout
        ) {
            self.url = url
            self.connection = connection
            self.authorization = authorization
            self.entityTag = entityTag
            self.timeout = timeout
        }
    }

    package struct Response: Sendable {
        package let status: Int
        package let body: [UInt8]
        /// `max-age` less Age; zero for `no-store` and `no-cache`; nil when the reply does not say.
        package let freshness: Duration?
        package let entityTag: String?
    }

    package enum Failure: Error, Hashable, Sendable, CustomStringConvertible {
        case tooLarge
        case timedOut
        /// The host has an address that the issuer's settings do not allow.
        case addressNotAllowed(String)
        /// libcurl's own words. They name hosts and reasons, never headers or bodies.
        case transport(String)

        package var description: String {
            switch self {
            case .tooLarge: "the reply has more than \(HTTPSFetcher.bodyByteLimit) bytes"
            case .timedOut: "no complete reply in time"
            case .addressNotAllowed(let address): "`\(address)` is not a public address, and `allow_private` is off"
            case .transport(let text): text
            }
        }
    }

    package static let bodyByteLimit = 262_144
    package static let timeout: Duration = .seconds(5)

    /// curl_global_init is not safe to call twice at once; a static is made once.
    private static let isReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    package init() {}

    package func fetch(_ request: Request) throws(Failure) -> Response {
        guard Self.isReady, let handle = curl_easy_init() else { throw .transport("libcurl cannot start") }
        defer { curl_easy_cleanup(handle) }
        let transfer = Transfer(allowPrivate: request.connection.allowPrivate || request.connection.proxy != nil)
        var headers: UnsafeMutablePointer<curl_slist>?
        defer { curl_slist_free_all(headers) }
        var lines = ["Accept: application/jwk-set+json, application/json"]
        if let authorization = request.authorization { lines.append("Authorization: " + authorization.reveal()) }
        if let tag = request.entityTag { lines.append("If-None-Match: " + tag) }
        // A line's end inside would begin another header.
        guard lines.allSatisfy({ $0.utf8.allSatisfy { (0x20..<0x7F).contains($0) } }) else {
            throw .transport("the authorization is not a header's value")
        }
        for line in lines { headers = curl_slist_append(headers, line) }
        var status = configure(handle, request)
        if status == CURLE_OK { status = postern_curl_set_pointer(handle, CURLOPT_HTTPHEADER, headers) }
        if status == CURLE_OK { status = transfer.attach(handle) }
        guard status == CURLE_OK else { throw .transport(Self.text(status)) }
        // The handle holds `transfer` unretained.
        status = withExtendedLifetime(transfer) { curl_easy_perform(handle) }
        if let address = transfer.refusedAddress, status != CURLE_OK { throw .addressNotAllowed(address) }
        if transfer.isTooLarge || status == CURLE_FILESIZE_EXCEEDED { throw .tooLarge }
        if status == CURLE_OPERATION_TIMEDOUT { throw .timedOut }
        guard status == CURLE_OK else { throw .transport(Self.text(status)) }
        var code = 0
        guard postern_curl_get_long(handle, CURLINFO_RESPONSE_CODE, &code) == CURLE_OK else {
            throw .transport("no status")
        }
        return Response(
            status: code,
            body: transfer.body,
            freshness: transfer.headers.freshness,
            entityTag: transfer.headers.entityTag
        )
    }

    private static func text(_ status: CURLcode) -> String { String(cString: curl_easy_strerror(status)) }

    private func configure(_ handle: UnsafeMutableRawPointer, _ request: Request) -> CURLcode {
        let connection = request.connection
        let milliseconds = Int(max(1, request.timeout.inMicroseconds / 1000))
        var numbers: [(CURLoption, Int)] = [
            (CURLOPT_NOSIGNAL, 1), (CURLOPT_FOLLOWLOCATION, 0), (CURLOPT_TIMEOUT_MS, milliseconds),
            (CURLOPT_CONNECTTIMEOUT_MS, milliseconds), (CURLOPT_SSL_VERIFYPEER, 1), (CURLOPT_SSL_VERIFYHOST, 2),
            (CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2)), (CURLOPT_MAXFILESIZE, Self.bodyByteLimit),
            (CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1)), (CURLOPT_NETRC, Int(CURL_NETRC_IGNORED.rawValue)),
            // Without it a name server that does not answer holds the thread past the timeout.
            (CURLOPT_QUICK_EXIT, 1),
        ]
        // A proxy's address is the administrator's choice; what the proxy reaches is the proxy's.
        if connection.proxy != nil { numbers.append((CURLOPT_HTTPPROXYTUNNEL, 1)) }
        var texts: [(CURLoption, String?)] = [
            (CURLOPT_URL, request.url.text), (CURLOPT_PROTOCOLS_STR, "https"), (CURLOPT_USERAGENT, "postern"),
            // An empty text keeps libcurl from reading https_proxy and no_proxy.
            (CURLOPT_PROXY, connection.proxy ?? ""), (CURLOPT_NOPROXY, ""),
        ]
        if let caFile = connection.caFile {
            // The system's folder of authorities would be trusted besides the file.
            texts += [(CURLOPT_CAINFO, caFile), (CURLOPT_CAPATH, nil)]
        }
        for (option, value) in numbers {
            let status = postern_curl_set_long(handle, option, value)
            guard status == CURLE_OK else { return status }
        }
        for (option, value) in texts {
            let status = postern_curl_set_string(handle, option, value)
            guard status == CURLE_OK else { return status }
        }
        return CURLE_OK
    }
}
