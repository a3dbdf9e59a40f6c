package import PosternCore

/// What is known of a CI system's tokens: the one place for it. Each has a file of its own beside this one, and
/// `docs/issuers.md` says the same to people.
package struct IssuerFacts: Sendable {
    /// The word for it; `generic` for issuers that have no profile of their own.
    package let profile: IssuerProfile
    /// As people call it.
    package let title: String
    /// nil where nothing is known of the claims.
    package let claims: ClaimTable?
    /// What makes a trigger untrusted; nil where the issuer's entry in `postern.yaml` says it.
    package let triggers: TriggerTable?
    /// The claim that tells a fork's job from one of the repository itself. Only a policy knows which value is its own,
    /// so an entry of `who` must name it exactly, or take untrusted tokens.
    package let originClaim: String?
    /// The claims of which one says whose ids the others are: one issuer may serve several systems, each of which
    /// counts its repositories by itself. Empty where an issuer has one system.
    package let hostClaims: [String]
    /// Where anybody with an account gets tokens.
    package let shared: SharedIssuer?
    /// The signature algorithms that it uses (RFC 7518 section 3.1, RFC 8037), at least one.
    package let algorithms: [String]
    /// The longest `exp - iat` that is taken unless the configuration says otherwise.
    package let maximumTokenLifetime: Duration
    package let addresses: IssuerAddresses
    /// Which claims to use in place of `sub`; nil where `sub` is the one to use.
    package let subjectHint: String?
    /// The claims that journals keep of every token, by their names; those that a role's `who` names come to them.
    package let journaledClaims: [ClaimName]
    private let readRun: @Sendable (RunClaims) -> JobRun

    init(
        _ profile: IssuerProfile,
        title: String,
        claims: ClaimTable?,
        triggers: TriggerTable?,
        originClaim: String? = nil,
        hostClaims: [String] = [],
        shared: SharedIssuer? = nil,
        algorithms: [String] = ["RS256"],
        maximumTokenLifetime: Duration = .seconds(65 * 60),
        addresses: IssuerAddresses,
        subjectHint: String? = nil,
        run: @escaping @Sendable (RunClaims) -> JobRun
    ) {
        self.profile = profile
        self.title = title
        self.claims = claims
        self.triggers = triggers
        self.originClaim = originClaim
        self.hostClaims = hostClaims
        self.shared = shared
        self.algorithms = algorithms
        self.maximumTokenLifetime = maximumTokenLifetime
        self.addresses = addresses
        self.subjectHint = subjectHint
        let journaled = claims?.claims.filter(\.isJournaled).map(\.name) ?? JobRun.usualClaims
        journaledClaims = journaled.compactMap { ClaimName($0) }
        readRun = run
    }

    /// Every issuer that there is something to know of.
    package static let all: [IssuerFacts] = IssuerProfile.allCases.map(\.facts) + [.google]

    /// Whose URL this is, as far as URLs tell.
    package static func recognized(by url: String) -> IssuerFacts? {
        guard let url = IssuerURL(url) else { return nil }
        return all.first { $0.addresses.matches(url) }
    }

    /// The run that a verified token speaks for.
    ///
    /// - Parameter issuer: the issuer's URL, which leads to the page of the run.
    package func run(of claims: JSONObject, issuer: String) -> JobRun {
        readRun(RunClaims(claims, issuer: IssuerURL(issuer)))
    }
}
