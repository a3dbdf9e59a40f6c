internal import PosternConfiguration
internal import PosternCore
internal import PosternServer

/// What `check --connect` found out about the issuers and logins of a configuration, for people and for programs.
struct ConnectReport {
    private let issuers: [IssuerProbe.Report]
    private let logins: [LoginProbe.Report]
    private let catalogs: [CatalogProbe.Report]
    /// nil when no store is configured.
    private let store: StoreProbe.Report?

    /// Goes out and tries them all, at the same time.
    init(of configuration: Configuration) async {
        async let issuers = IssuerProbe().run(configuration.issuers, journal: configuration.audit.directory)
        async let logins = LoginProbe().run(configuration.databases)
        async let catalogs = CatalogProbe().run(configuration.databases)
        async let store = StoreProbe().run(configuration.audit)
        self.issuers = await issuers
        self.logins = await logins
        self.catalogs = await catalogs
        self.store = await store
    }

    /// How many failed: `1 issuer and 2 logins failed`. nil when none did.
    var failures: String? {
        let counts = [
            (issuers.count { $0.result.failure != nil }, "issuer"),
            (logins.count { $0.result.failure != nil }, "login"),
            (catalogs.count { $0.result.failure != nil }, "catalogue"),
            (store?.failure == nil ? 0 : 1, "audit store"),
        ]
        let parts = counts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)\($0.0 == 1 ? "" : "s")" }
        guard let last = parts.last else { return nil }
        let first = parts.dropLast().joined(separator: ", ")
        return (first.isEmpty ? last : "\(first) and \(last)") + " failed"
    }

    // MARK: For people

    /// A line for each issuer, each login, each catalogue, and one for the auditors' store.
    var text: String {
        let lines =
            issuers.map { Self.line("issuer \($0.issuer)", $0.result, Self.words) + Self.words($0.kept) }
            + logins.map { Self.line("database \($0.database) login \($0.login)", $0.result, Self.words) }
            + catalogs.map { Self.line("database \($0.database) catalogue", $0.result, Self.words) }
            + (store.map { [Self.line("audit store", $0, Self.words)] } ?? [])
        return lines.map { $0 + "\n" }.joined()
    }

    private static func line<Success>(
        _ subject: String,
        _ result: Result<Success, ProbeFailure>,
        _ words: (Success) -> String
    ) -> String {
        switch result {
        case .success(let success): "\(subject): \(words(success))"
        case .failure(let failure): "\(subject): error: \(failure)"
        }
    }

    private static func words(_ keys: IssuerProbe.Keys) -> String {
        let names = keys.keys.map { key in
            ([key.keyID ?? "without id", key.type] + (key.algorithm.map { [$0] } ?? [])).joined(separator: " ")
        }
        let skipped = keys.skipped.map { key in
            "key \(key.index)\(key.keyID.map { " (\($0))" } ?? "") skipped: \(key.reason)"
        }
        let count = "\(Self.count(keys.keys)) (\(names.joined(separator: ", ")))"
        let freshness = keys.freshness.map { ["fresh for \($0.components.seconds) s"] } ?? []
        return ([count] + freshness + skipped).joined(separator: "; ")
    }

    private static func words(_ kept: IssuerProbe.Kept?) -> String {
        kept.map { "; \(count($0.keys)) of \($0.age.components.seconds) s ago kept on disk" } ?? ""
    }

    private static func count(_ keys: [IssuerProbe.Key]) -> String {
        "\(keys.count) \(keys.count == 1 ? "key" : "keys")"
    }

    private static func words(_ login: LoginProbe.Success) -> String {
        let server = "PostgreSQL \(login.serverVersion ?? "of unknown version") at \(login.host)"
        let channel = login.tls.map { "over \($0)" } ?? "without TLS"
        let superuser = login.isSuperuser ? ", a superuser" : ""
        let passedOver = login.passedOver.isEmpty ? "" : "; passed over " + login.passedOver.joined(separator: "; ")
        return "\(server) \(channel) (\(login.method))\(superuser)\(passedOver)"
    }

    private static func words(_ counts: CatalogProbe.Counts) -> String {
        "\(counts.relations) relations, \(counts.columns) columns, \(counts.functions) functions"
    }

    private static func words(_ store: StoreProbe.Success) -> String {
        let schema = store.schemaVersion.map { "schema postern of version \($0)" } ?? "schema postern will be made"
        return "PostgreSQL \(store.serverVersion), \(schema)"
    }

    // MARK: For programs

    var json: JSONValue {
        var object = JSONObject()
        object.append("issuers", .array(issuers.map(Self.json)))
        object.append("logins", .array(logins.map(Self.json)))
        object.append("catalogs", .array(catalogs.map(Self.json)))
        if let store { object.append("audit_store", Self.json(store)) }
        return .object(object)
    }

    private static func json(_ report: IssuerProbe.Report) -> JSONValue {
        var object = JSONObject()
        object.append("issuer", .string(report.issuer))
        object.append("ok", .bool(report.result.failure == nil))
        switch report.result {
        case .success(let keys):
            object.append("keys", .array(keys.keys.map(json)))
            object.append("skipped", .array(keys.skipped.map(json)))
            object.append("fresh_for_seconds", seconds(keys.freshness))
        case .failure(let failure): object.append("error", .string(failure.description))
        }
        if let kept = report.kept {
            object.append(
                "kept",
                .object(["keys": .array(kept.keys.map(json)), "age_seconds": seconds(kept.age)])
            )
        }
        return .object(object)
    }

    private static func seconds(_ duration: Duration?) -> JSONValue {
        duration.map { .number(JSONNumber($0.components.seconds)) } ?? .null
    }

    private static func json(_ key: IssuerProbe.Key) -> JSONValue {
        .object(["key_id": text(key.keyID), "type": .string(key.type), "algorithm": text(key.algorithm)])
    }

    private static func json(_ key: IssuerProbe.SkippedKey) -> JSONValue {
        var object = JSONObject()
        object.append("index", .number(JSONNumber(key.index)))
        object.append("key_id", text(key.keyID))
        object.append("reason", .string(key.reason))
        return .object(object)
    }

    private static func json(_ report: LoginProbe.Report) -> JSONValue {
        var object = JSONObject()
        object.append("database", .string(report.database))
        object.append("login", .string(report.login))
        object.append("ok", .bool(report.result.failure == nil))
        switch report.result {
        case .success(let login):
            object.append("host", .string(login.host))
            object.append("server_version", text(login.serverVersion))
            object.append("tls", text(login.tls))
            object.append("method", .string(login.method))
            object.append("superuser", .bool(login.isSuperuser))
            object.append("passed_over", .array(login.passedOver.map { .string($0) }))
        case .failure(let failure): object.append("error", .string(failure.description))
        }
        return .object(object)
    }

    private static func json(_ report: CatalogProbe.Report) -> JSONValue {
        var object = JSONObject()
        object.append("database", .string(report.database))
        object.append("ok", .bool(report.result.failure == nil))
        switch report.result {
        case .success(let counts):
            object.append("relations", .number(JSONNumber(counts.relations)))
            object.append("columns", .number(JSONNumber(counts.columns)))
            object.append("functions", .number(JSONNumber(counts.functions)))
        case .failure(let failure): object.append("error", .string(failure.description))
        }
        return .object(object)
    }

    private static func json(_ report: StoreProbe.Report) -> JSONValue {
        var object = JSONObject()
        object.append("ok", .bool(report.failure == nil))
        switch report {
        case .success(let store):
            object.append("server_version", .string(store.serverVersion))
            object.append("schema_version", store.schemaVersion.map { .number(JSONNumber($0)) } ?? .null)
        case .failure(let failure): object.append("error", .string(failure.description))
        }
        return .object(object)
    }

    private static func text(_ value: String?) -> JSONValue {
        value.map { .string($0) } ?? .null
    }
}

extension Result {
    fileprivate var failure: Failure? {
        switch self {
        case .success: nil
        case .failure(let failure): failure
        }
    }
}
