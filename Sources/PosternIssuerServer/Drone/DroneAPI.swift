package import PosternConfiguration
internal import PosternCore
internal import PosternIdentity
package import PosternIssuer
package import PosternNet
package import PosternServer

/// Asks Drone's own server about builds, over verified HTTPS, on the pool.
package struct DroneAPI: Sendable {
    private let api: TokenIssuerConfiguration.API
    private let pool: BlockingPool
    private let secrets: SecretResolver

    package init(_ api: TokenIssuerConfiguration.API, pool: BlockingPool, secrets: SecretResolver) {
        self.api = api
        self.pool = pool
        self.secrets = secrets
    }

    /// - Returns: why the build gets no token; nil when the server knows it as it was described.
    /// - Throws: when the server cannot be asked, or does not say.
    package func refusal(of build: Build) async throws -> BuildRefusal? {
        let token = try await secrets.secret(api.token)
        let authorization = Redacted("Bearer " + String(decoding: token.reveal(), as: UTF8.self))
        guard let repository = request(BuildConfirmation.repositoryPath(of: build), authorization),
            let question = request(BuildConfirmation.path(of: build), authorization)
        else { return .unconfirmed("its address is too long") }
        return try await pool.run {
            let fetcher = HTTPSFetcher()
            let known = try fetcher.fetch(repository)
            let refusal = try BuildConfirmation.repositoryRefusal(of: build, status: known.status, body: known.body)
            if let refusal { return refusal }
            let response = try fetcher.fetch(question)
            return try BuildConfirmation.refusal(of: build, status: response.status, body: response.body)
        }
    }

    private func request(_ path: String, _ authorization: Redacted<String>) -> HTTPSFetcher.Request? {
        HTTPSURL(api.url + path).map { url in
            HTTPSFetcher.Request(
                url: url,
                connection: IssuerConnection(caFile: api.certificateAuthorities, allowPrivate: api.allowPrivate),
                authorization: authorization
            )
        }
    }
}
