import PosternPolicy
import Testing

struct ProfileDoubtTests {
    private static let github = "https://token.actions.githubusercontent.com"

    @Test(arguments: [
        (IssuerProfile.generic, github, "use `profile: github`"), (.generic, github + "/octo", "use `profile: github`"),
        (.generic, "https://git.acme.example/_services/token", "use `profile: github`"),
        (.generic, "https://token.actions.octo.ghe.com", "use `profile: github`"),
        (.generic, "https://gitlab.com", "use `profile: gitlab`"),
        (.generic, "https://gitlab.acme.example/", "use `profile: gitlab`"),
        (.generic, "https://oidc.circleci.com/org/0f0f", "use `profile: circleci`"),
        (.generic, "https://agent.buildkite.com", "use `profile: buildkite`"),
        (.generic, "https://forge.acme.example/api/actions", "use `profile: forgejo`"),
        (.generic, "https://kubernetes.default.svc", "use `profile: kubernetes`"),
        (.generic, "https://kubernetes.default.svc.cluster.local", "use `profile: kubernetes`"),
        (.generic, "https://jenkins.acme.example/oidc", "use `profile: jenkins`"),
        (.gitlab, github, "use `profile: github`"), (.github, "https://gitlab.com", "use `profile: gitlab`"),
        (.github, "https://token.actions.githubusercontent.com.evil.example", "these look like"),
        (.github, "https://token.actions.octo.evil.ghe.com", "these look like"),
        (.buildkite, "https://buildkite.com", "these look like"),
        (.forgejo, "https://forge.example", "these look like"),
    ])
    func `a profile that is not the URL's is doubted`(profile: IssuerProfile, url: String, hint: String) throws {
        let doubt = try #require(ProfileDoubt(profile: profile, url: url))
        #expect(doubt.hint.hasPrefix(hint))
        #expect(doubt.message(ofIssuer: "ci").hasPrefix("issuer `ci` has a URL "))
    }

    @Test(arguments: [
        (IssuerProfile.github, github), (.gitlab, "https://code.acme.example"),
        (.gitlab, "https://acme.example/gitlab"),
        (.drone, "https://drone-oidc.acme.example"), (.jenkins, "https://ci.acme.example/oidc"),
        (.kubernetes, "https://api.cluster.example"), (.generic, "https://issuer.example.com"),
        (.generic, "https://accounts.google.com"), (.generic, "https://drone.acme.example"),
        (.circleci, "https://circleci.acme.example/org/0f0f"),
    ])
    func `a URL that goes with its profile is not`(profile: IssuerProfile, url: String) {
        #expect(ProfileDoubt(profile: profile, url: url) == nil)
    }
}
