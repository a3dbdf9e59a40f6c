package import PosternCore

/// The environment of the child: its parent's, without the CI system's tokens and with the way to the local port.
///
/// Variables are bytes: what is no text goes on as it is.
package struct ChildEnvironment: Sendable {
    /// What would lead libpq elsewhere, or ask of the local port what it does not have.
    private static let misleading: Set<String> = [
        "PGHOSTADDR", "PGSERVICE", "PGSERVICEFILE", "PGSSLROOTCERT", "PGSSLNEGOTIATION", "PGREQUIRESSL",
        "PGREQUIREAUTH",
        "PGCHANNELBINDING", "PGGSSENCMODE", "PGPASSFILE",
    ]

    private let credentials: Set<String>
    private let templates: [EnvironmentTemplate]

    /// - Parameter credentials: variables to be left out; none with `--keep-token`.
    package init(removing credentials: Set<String>, templates: [EnvironmentTemplate]) {
        self.credentials = credentials
        self.templates = templates
    }

    /// The variables that are set, in order.
    ///
    /// - Throws: `JobTrouble` for a template that asks for what there is not.
    package func variables(for endpoints: LocalEndpoints) throws(JobTrouble) -> [(
        name: String, value: Redacted<String>
    )] {
        var variables: [(name: String, value: Redacted<String>)] = [
            ("PGHOST", Redacted(endpoints.host)),
            ("PGPORT", Redacted(String(endpoints.number))),
            ("PGUSER", Redacted(endpoints.user)),
            ("PGDATABASE", Redacted(endpoints.database)),
            ("PGSSLMODE", Redacted("disable")),
        ]
        if endpoints.port != nil { variables.append(("PGPASSWORD", endpoints.password)) }
        variables.append(("DATABASE_URL", endpoints.url()))
        for template in templates {
            variables.removeAll { $0.name == template.name }
            variables.append((template.name, try template.value(with: endpoints)))
        }
        return variables
    }

    /// The child's whole environment, in the form `NAME=value`.
    ///
    /// - Parameter inherited: the parent's, in the same form.
    /// - Throws: `JobTrouble` for a template that asks for what there is not.
    package func entries(inherited: [[UInt8]], endpoints: LocalEndpoints) throws(JobTrouble) -> [[UInt8]] {
        let set = try variables(for: endpoints)
        var left = Self.misleading.union(credentials).union(set.map(\.name))
        if endpoints.port == nil { left.insert("PGPASSWORD") }
        let kept = inherited.filter { entry in
            !left.contains(String(decoding: entry.prefix { $0 != UInt8(ascii: "=") }, as: UTF8.self))
        }
        return kept + set.map { Array("\($0.name)=\($0.value.reveal())".utf8) }
    }
}
