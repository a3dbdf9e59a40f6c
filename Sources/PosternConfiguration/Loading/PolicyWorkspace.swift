internal import PosternCore
package import PosternPolicy
package import PosternSQL

/// Policies and their tests as the policy verbs work on them: with what `postern.yaml` says of databases and issuers,
/// where there is one, and without asking whether certificates and secrets are there.
package struct PolicyWorkspace: Sendable {
    /// nil when no `postern.yaml` was found.
    package let configuration: Configuration?
    /// The path of that file as it was given or found.
    package let configurationPath: String?
    /// In the order of the files. Names are unique.
    package let roles: [Role]
    /// Under the names that the paths lead to: those of the roles' locations.
    package let files: [PolicyFile]
    package let tests: [PolicyTest]
    package let testFiles: [PolicyFile]

    package func role(named name: String) -> Role? {
        roles.first { $0.name.utf8.elementsEqual(name.utf8) }
    }

    /// nil when there is no configuration.
    package func database(of role: Role) -> DatabaseConfiguration? {
        configuration?.database(named: role.database)
    }

    /// What names without a schema stand for at the start of a session.
    package func searchPath(of role: Role) -> [Identifier] {
        (database(of: role)?.searchPath(for: role) ?? ["public"]).map { Identifier($0) }
    }

    /// The database's name on the server, which a three-part name must begin with; without a configuration the name
    /// that the role has for it.
    package func databaseName(of role: Role) -> Identifier {
        Identifier(database(of: role)?.databaseName ?? role.database)
    }

    /// What the role's statements are judged against.
    package func judgedDatabase(of role: Role) -> JudgedDatabase {
        JudgedDatabase(name: databaseName(of: role), searchPath: searchPath(of: role), login: Identifier(role.login))
    }

    /// Which tokens of an issuer are trusted; without a configuration all of them.
    package func trust(ofIssuer name: String) -> TrustRule {
        configuration?.issuer(named: name)?.trust ?? .all
    }
}

extension PolicyWorkspace {
    /// Loads what the policy verbs were given. Blocks.
    ///
    /// - Parameters:
    ///   - config: `postern.yaml`; nil for the nearest one upwards from the first path.
    ///   - paths: policy files, `*_test.yaml` files and folders of both. Where they hold no policy the roles are
    ///     those of the configuration's `policies`, or of the first path's folder; no paths at all stand for the
    ///     configuration's `policies`.
    /// - Returns: a workspace unless there is an error among the diagnostics.
    package static func load(config: String?, paths: [String]) -> (
        workspace: PolicyWorkspace?, diagnostics: [Diagnostic]
    ) {
        let log = DiagnosticLog()
        let path = config ?? nearestConfiguration(from: paths.first ?? ".")
        let configuration = path.flatMap { readConfiguration($0, log) }
        var found = PolicyPaths(log: log)
        for path in paths { found.add(path) }
        if found.policies.isEmpty, !log.hasErrors {
            found.add(rolesDirectory(configuration, path, paths), policiesOnly: !paths.isEmpty)
        }
        let roles = found.policies.flatMap { PolicyReader.roles(of: $0, shownAs: $0.path, log: log) }
        let tests = found.tests.flatMap {
            PolicyTestReader.tests(of: $0.contents, shownAs: $0.path, log: log)
        }
        if let configuration {
            ReferenceCheck(configuration: configuration, roles: roles, log: log).checkPolicies()
        } else {
            ReferenceCheck.checkUniqueness(roles, log: log)
        }
        let workspace = PolicyWorkspace(
            configuration: configuration,
            configurationPath: path,
            roles: roles,
            files: found.policies,
            tests: tests,
            testFiles: found.tests
        )
        workspace.checkTests(log)
        if path == nil, !log.hasErrors {
            log.add(
                Diagnostic(
                    .warning,
                    file: paths.first ?? ".",
                    "there is no `postern.yaml` here or above: databases, logins and issuers are not checked",
                    hint:
                        "name it with --config; until then every search path is `[public]` and every token trusted"
                )
            )
        }
        return (log.hasErrors ? nil : workspace, ConfigurationLoader.sorted(log.diagnostics))
    }

    /// The nearest `postern.yaml` upwards from a file or folder, links resolved.
    private static func nearestConfiguration(from path: String) -> String? {
        let start = FilePath.resolved(path)
        var directory = FilePath.isDirectory(start) ? start : FilePath.directory(of: start)
        while true {
            let candidate = FilePath.join(directory, "postern.yaml")
            if FilePath.exists(candidate) { return FilePath.fromHere(candidate) }
            if directory == "/" || directory == "." { return nil }
            directory = FilePath.directory(of: directory)
        }
    }

    /// The warnings are `postern check`'s business.
    private static func readConfiguration(_ path: String, _ log: DiagnosticLog) -> Configuration? {
        let own = DiagnosticLog()
        let absolute = FilePath.absolute(path)
        defer {
            for diagnostic in own.diagnostics where diagnostic.severity == .error { log.add(diagnostic) }
        }
        do {
            let contents = try FileReader.read(absolute)
            let context = DecodingContext(
                log: own,
                directory: FilePath.directory(of: absolute),
                examinesFiles: false
            )
            return YAMLDocument.read(contents, file: path, log: own).flatMap {
                Configuration.decode($0, hostName: ConfigurationLoader.hostName(), context)
            }
        } catch {
            own.add(Diagnostic(.error, file: path, "cannot read the configuration: \(error.reason)"))
            return nil
        }
    }

    /// Where the roles are when the paths hold none.
    private static func rolesDirectory(
        _ configuration: Configuration?,
        _ path: String?,
        _ paths: [String]
    ) -> String {
        if let configuration, let path {
            let base = FilePath.directory(of: FilePath.absolute(path))
            return ConfigurationLoader.shownDirectory(
                configuration.policiesDirectory,
                base: base,
                path: path
            )
        }
        guard let first = paths.first else { return "." }
        return FilePath.isDirectory(FilePath.absolute(first)) ? first : FilePath.directory(of: first)
    }

    /// A claim that no token of the issuer has like this makes a refusal that proves nothing.
    private func warnOfClaims(of test: PolicyTest, _ log: DiagnosticLog) {
        guard let facts = configuration?.issuer(named: test.issuer)?.profile.facts else { return }
        for member in test.claims.members {
            guard let known = facts.claims?.claim(named: member.name), !known.admits(member.value) else { continue }
            log.warning(
                test.location,
                "in tokens of \(facts.title) `\(member.name)` is \(known.type.description), not \(member.value.kind)"
            )
        }
    }

    private func checkTests(_ log: DiagnosticLog) {
        let names = roles.map(\.name)
        let issuers = configuration?.issuers.map(\.name)
        for test in tests {
            if !test.role.isEmpty, role(named: test.role) == nil {
                log.error(
                    test.location,
                    "there is no role `\(test.role)`",
                    hint: Suggestion.hint(for: test.role, among: names)
                )
            }
            if let issuers, !test.issuer.isEmpty, configuration?.issuer(named: test.issuer) == nil {
                log.error(
                    test.location,
                    "there is no issuer `\(test.issuer)`",
                    hint: Suggestion.hint(for: test.issuer, among: issuers)
                )
            }
            warnOfClaims(of: test, log)
        }
    }
}
