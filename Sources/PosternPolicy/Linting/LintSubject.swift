package import PosternSQL

/// Everything that the linter looks at, as values: it reads no files.
package struct LintSubject: Sendable {
    /// What the linter needs of an entry of `issuers`.
    package struct Issuer: Hashable, Sendable {
        package let name: String
        package let profile: IssuerProfile
        package let url: String
        package let audience: String
        /// nil where `max_token_age` is not set.
        package let maximumTokenAge: Duration?
        package let maximumTokenLifetime: Duration
        package let trust: TrustRule
        package let location: SourceLocation

        package init(
            name: String,
            profile: IssuerProfile,
            url: String,
            audience: String,
            maximumTokenAge: Duration?,
            maximumTokenLifetime: Duration,
            trust: TrustRule,
            location: SourceLocation
        ) {
            self.name = name
            self.profile = profile
            self.url = url
            self.audience = audience
            self.maximumTokenAge = maximumTokenAge
            self.maximumTokenLifetime = maximumTokenLifetime
            self.trust = trust
            self.location = location
        }

        /// What is known of the CI system: by its profile, or for a `generic` one by its URL. nil when neither tells.
        package var facts: IssuerFacts? {
            switch profile {
            case .generic: IssuerFacts.recognized(by: url)
            case .github, .gitlab, .circleci, .buildkite, .bitbucket, .kubernetes, .jenkins, .forgejo, .drone:
                profile.facts
            }
        }
    }

    package let issuers: [Issuer]
    package let roles: [Role]
    /// What the tests showed; nil where none were run, and then nothing is said of tests.
    package let tests: TestEvidence?

    package init(issuers: [Issuer], roles: [Role], tests: TestEvidence?) {
        self.issuers = issuers
        self.roles = roles
        self.tests = tests
    }

    func issuer(named name: String) -> Issuer? {
        issuers.first { $0.name.utf8.elementsEqual(name.utf8) }
    }
}

/// What a run of the tests says about the policies themselves.
package struct TestEvidence: Hashable, Sendable {
    /// What one test asked of a role.
    package struct Case: Hashable, Sendable {
        package let role: String
        /// It expects a refusal or a denial.
        package let expectsNo: Bool
        /// The rules that decided some access of it, by id.
        package let rules: Set<String>
        /// The names that its accesses can stand for.
        package let objects: Set<ObjectReference>

        package init(role: String, expectsNo: Bool, rules: Set<String>, objects: Set<ObjectReference>) {
            self.role = role
            self.expectsNo = expectsNo
            self.rules = rules
            self.objects = objects
        }
    }

    package let cases: [Case]

    package init(cases: [Case]) {
        self.cases = cases
    }

    func cases(of role: Role) -> [Case] { cases.filter { $0.role == role.name } }
}
