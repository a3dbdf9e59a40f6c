extension IssuerFacts {
    /// Jenkins with the plugin oidc-provider. Administrators choose `sub`, by default the job's URL, and add claims of
    /// their own. Any job that may read the credential gets its tokens.
    static let jenkins = IssuerFacts(
        .jenkins,
        title: "Jenkins",
        claims: ClaimTable(audience: .list, [[KnownClaim("build_number", .run, .number)]], isOpen: true),
        triggers: TriggerTable([
            .untrusted(
                "sub",
                .holding("/job/PR-"),
                .holding("/job/MR-"),
                .holding("/change-requests/"),
                why: "it is the job of a pull request or merge request, from a fork or not"
            ),
            .trusted("sub", .anyText, why: "a job that may read the credential"),
            .untrusted("sub", .anythingElse, why: "nothing says which job it is"),
            .untrusted("sub", .missing, why: "nothing says which job it is"),
        ]),
        addresses: IssuerAddresses(["https://HOST/oidc", "https://HOST/job/FOLDER/oidc"], isComplete: false) { url in
            url.firstLabel == "jenkins" && url.steps.last == "oidc"
        },
        run: { claims in
            let number = claims.text("build_number")
            let job = claims.text("sub").flatMap { $0.hasSuffix("/") ? String($0.dropLast()) : $0 }
            let isPage =
                job.flatMap { IssuerURL($0) } != nil && job?.utf8.allSatisfy { (0x21...0x7E).contains($0) } == true
            return JobRun(id: number, url: claims.link(isPage ? job : nil, number))
        }
    )
}
