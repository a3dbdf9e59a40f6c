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
        guard let url = HTTPSURL(api.url + BuildConfirmation.path(of: build)) else {
            return .unconfirmed("its address is too long")
        }
        let request = HTTPSFetcher.Request(
            url: url,
            connection: IssuerConnection(caFile: api.certificateAuthorities, allowPrivate: api.allowPrivate),
            authorization: Redacted("Bearer " + String(decoding: token.reveal(), as: UTF8.self))
        )
        let response = try await pool.run { try HTTPSFetcher().fetch(request) }
        return try BuildConfirmation.refusal(of: build, status: response.status, body: response.body)
    }
}
