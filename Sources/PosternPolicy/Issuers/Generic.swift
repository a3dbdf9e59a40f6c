extension IssuerFacts {
    /// Any issuer. Its entry in `postern.yaml` says which tokens are trusted.
    static let generic = IssuerFacts(
        .generic,
        title: "the issuer",
        claims: nil,
        triggers: nil,
        algorithms: [
            "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
        ],
        addresses: .unknown,
        run: { claims in
            JobRun(
                repository: claims.text("repository"),
                ref: claims.text("ref"),
                sha: claims.text("sha"),
                id: claims.text("run_id"),
                url: claims.text("run_url")
            )
        }
    )

    /// Tokens of machines at Google (cloud.google.com, instance identity): a `generic` issuer with known claims. `sub` is the
    /// service account's number.
    static let google = IssuerFacts(
        .generic,
        title: "Google",
        claims: ClaimTable(
            [
                .texts(
                    .identifier,
                    "azp",
                    "/google/compute_engine/instance_id"
                ),
                [KnownClaim("/google/compute_engine/project_number", .identifier, .number)],
                [KnownClaim("email", .person, isJournaled: false)],
                .texts(
                    .detail,
                    "/google/compute_engine/project_id",
                    "/google/compute_engine/zone",
                    "/google/compute_engine/instance_name"
                ),
                [KnownClaim("email_verified", .detail, .bool), KnownClaim("google", .detail, .object)],
            ]
        ),
        triggers: nil,
        shared: SharedIssuer(
            host: "accounts.google.com",
            owner: "Google",
            tenantClaims: ["sub", "/google/compute_engine/project_number", "/google/compute_engine/project_id"]
        ),
        addresses: IssuerAddresses(["https://accounts.google.com"], isComplete: true) { url in
            url.host == "accounts.google.com"
        },
        run: { claims in JobRun(id: claims.text("/google/compute_engine/instance_id")) }
    )
}
