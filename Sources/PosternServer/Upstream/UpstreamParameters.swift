internal import PosternConfiguration
internal import PosternCore
internal import PosternIdentity
internal import PosternPolicy
internal import PosternSession
internal import PostgresWire

/// The startup parameters of an upstream session: what the job asked for, and who it is.
///
/// The identity settings are hints for people inside the server, never evidence: a session may change them.
enum UpstreamParameters {
    /// Longest value of an identity setting, in bytes.
    private static let identityLimit = 256

    static func make(request: JobRequest, grant: SessionGrant, session: SessionID) -> [StartupSetting] {
        var parameters = [StartupSetting("application_name", "postern/\(grant.role.name)/\(session)")]
        // UTF8 is sent with every login; the job's name for itself goes into the journal.
        parameters += request.settings.values.filter { !["application_name", "client_encoding"].contains($0.name) }
        parameters += searchPath(grant.database.searchPath(for: grant.role))
        if grant.role.rules != .unrestricted {
            // Rules read literals as this setting has it; the server's own default may be another.
            parameters.append(StartupSetting("standard_conforming_strings", "on"))
        }
        if let limit = grant.role.limits.statement { parameters += backstops(limit, request.settings) }
        if grant.database.identitySettings {
            parameters.append(StartupSetting("postern.session", session.description))
            parameters.append(StartupSetting("postern.subject", ascii(grant.token.subject)))
            if let run = grant.run.id {
                parameters.append(StartupSetting("postern.run", ascii(run)))
            }
        }
        return parameters
    }

    /// What a login without a job sends: the same names, so that a pooler that refuses one of them is found out.
    static func probe(of database: DatabaseConfiguration) -> [StartupSetting] {
        var parameters = [StartupSetting("application_name", "postern/check")] + searchPath(database.searchPath)
        if database.identitySettings {
            parameters += ["postern.session", "postern.subject", "postern.run"].map { StartupSetting($0, "check") }
        }
        return parameters
    }

    private static func searchPath(_ searchPath: [String]?) -> [StartupSetting] {
        guard let searchPath else { return [] }
        return [StartupSetting("search_path", searchPath.map(QuotedText.double).joined(separator: ", "))]
    }

    /// What ends a statement should the gateway be gone. The gateway's own clock is earlier, and decides.
    private static func backstops(_ limit: Duration, _ settings: StartupSettings) -> [StartupSetting] {
        var backstops = [StartupSetting("client_connection_check_interval", "1000")]
        if settings["statement_timeout"] == nil {
            let milliseconds = limit.inMicroseconds / 1000 + 30_000
            backstops.append(StartupSetting("statement_timeout", String(min(milliseconds, Int64(Int32.max)))))
        }
        return backstops
    }

    /// PostgreSQL takes any bytes here, control characters too: only printable ASCII is sent.
    private static func ascii(_ text: String) -> String {
        String(decoding: text.utf8.prefix(identityLimit).map { (0x20..<0x7F).contains($0) ? $0 : 0x3F }, as: UTF8.self)
    }
}
