extension IssuerFacts {
    private static let inside = "/kubernetes.io/"

    /// Tokens of Kubernetes service accounts (kubernetes.io, managing service accounts). What started the pod nobody says;
    /// the account is the identity.
    static let kubernetes = IssuerFacts(
        .kubernetes,
        title: "Kubernetes",
        claims: kubernetesClaims,
        triggers: TriggerTable([
            .trusted(inside + "pod/uid", .anyText, why: "the kubelet gave it to a pod, and it ends with the pod"),
            .untrusted(inside + "pod/uid", .anythingElse, why: "nobody has said what that means"),
            .untrusted(
                inside + "pod/uid",
                .missing,
                why: "no pod holds it: somebody made it by hand, or it is kept in a Secret"
            ),
        ]),
        algorithms: ["RS256", "RS384", "RS512", "ES256", "ES384", "ES512"],
        // The kubelet renews a token at the latest after a day.
        maximumTokenLifetime: .seconds(86_400),
        addresses: IssuerAddresses(
            [
                "https://kubernetes.default.svc", "https://oidc.eks.REGION.amazonaws.com/id/ID",
                "https://container.googleapis.com/…", "what `--service-account-issuer` says",
            ],
            isComplete: false
        ) { url in
            url.host == "kubernetes.default.svc" || url.host.hasPrefix("kubernetes.default.svc.")
                || url.host.hasPrefix("oidc.eks.") || url.host == "container.googleapis.com"
        },
        run: { claims in JobRun(id: claims.text(inside + "pod/name")) }
    )

    /// Nested claims are written as JSON pointers.
    private static let kubernetesClaims = ClaimTable(
        audience: .list,
        [
            .texts(.identifier, inside + "serviceaccount/uid", inside + "pod/uid", inside + "node/uid"),
            .texts(.name(identifier: nil), inside + "namespace"),
            .texts(.name(identifier: inside + "serviceaccount/uid"), inside + "serviceaccount/name"),
            .texts(.run, inside + "pod/name", inside + "secret/name", inside + "secret/uid"),
            .texts(.detail, inside + "node/name"),
            [
                KnownClaim("kubernetes.io", .detail, .object),
                KnownClaim(inside + "warnafter", .run, .number),
            ],
        ]
    )
}
