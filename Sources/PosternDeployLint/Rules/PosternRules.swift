internal import PosternPolicy

/// Rules about jobs that could do without what they hold.
extension DeployRule {
    static let postern = [jobCredentials]

    static let jobCredentials = ofJobs(
        "postern/job-credentials",
        .warning,
        "A job holds a database's credentials",
        reason: """
            Whatever the job runs, its dependencies included, can take them along and use them from elsewhere, and the database \
            sees one login for all jobs. Through Postern the job has a token that lives minutes, and rules for what it runs.
            """
    ) { job, _ in
        guard !job.usesPostern else { return [] }
        guard let place = credential(of: job) else { return [] }
        return [
            Complaint(
                place.location,
                "the job `\(job.name)` holds `\(place.name)`",
                hint: "run its commands as `postern exec --gateway … --role … --database … -- COMMAND`"
            )
        ]
    }

    private static func credential(of job: DeployJob) -> (name: String, location: SourceLocation)? {
        // Beside a database of the run itself a variable is most likely about that one; a secret is not.
        let hasOwn = job.services.contains { $0.engine != nil }
        let entry = job.environment.first { entry in
            let isFromElsewhere = entry.value == nil || entry.value.map(Interpolation.hasVariable) == true
            return CredentialNames.opensPostgres(entry.name) && (entry.isSecret || (isFromElsewhere && !hasOwn))
        }
        if let entry { return (entry.name, entry.location) }
        if let secret = job.secrets.first(where: { CredentialNames.opensPostgres($0.name) }) {
            return (secret.name, secret.location)
        }
        guard !hasOwn else { return nil }
        // Variables of the project's settings show only where a command names them.
        let defined = Set(job.environment.map(\.name))
        for (script, command) in job.commands {
            for word in command.words + command.assignments {
                guard let name = variables(in: word.text).first(where: CredentialNames.opensPostgres),
                    !defined.contains(name)
                else { continue }
                return (name, script.location(of: word))
            }
        }
        return nil
    }

    /// Names behind `$` and `${`.
    private static func variables(in text: String) -> [String] {
        text.split(separator: "$", omittingEmptySubsequences: false).dropFirst().map { part in
            String(part.drop { $0 == "{" }.prefix { $0 == "_" || ($0.isASCII && ($0.isLetter || $0.isNumber)) })
        }
    }
}
