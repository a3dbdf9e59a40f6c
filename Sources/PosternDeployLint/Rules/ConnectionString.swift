/// Where a database is and what opens it, as names and values: libpq's `host=db password=…`, ADO.NET's
/// `Host=db;Password=…`, JDBC's `?user=…&password=…`, and a client's `--host=db --password=…`.
struct ConnectionString {
    /// nil where it says none.
    let host: String?
    let user: String?
    let password: String

    private static let hosts: Set<String> = ["host", "hostaddr", "server", "source", "address", "addr"]
    private static let databases: Set<String> = ["dbname", "database", "catalog"]
    private static let users: Set<String> = ["user", "username", "uid", "id"]
    private static let passwords: Set<String> = ["password", "passwd", "pwd"]
    private static let maximumLength = 4_000

    /// The one in a text that says a password; nil where nothing else shows that it is a database's.
    static func first(in text: String) -> ConnectionString? {
        guard text.utf8.count <= maximumLength else { return nil }
        let lowered = text.lowercased()
        guard passwords.contains(where: { lowered.contains($0 + "=") }) else { return nil }
        var host: String?
        var user: String?
        var password: String?
        var isDatabase = lowered.contains("jdbc:")
        for word in text.split(whereSeparator: { $0.isWhitespace || "\"'`;&?(),".contains($0) }) {
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { continue }
            // `Data Source` and `User Id` have their last word here.
            let name = parts[0].drop { $0 == "-" }.lowercased()
            let value = String(parts[1])
            if hosts.contains(name) { host = host ?? value }
            if users.contains(name) { user = user ?? value }
            if passwords.contains(name), !value.isEmpty { password = password ?? value }
            isDatabase = isDatabase || hosts.contains(name) || databases.contains(name)
        }
        guard isDatabase, let password else { return nil }
        return ConnectionString(host: host ?? address(in: text), user: user, password: password)
    }

    /// The host of `jdbc:postgresql://HOST:PORT/…`.
    private static func address(in text: String) -> String? {
        guard let mark = text.firstRange(of: "://") else { return nil }
        let host = text[mark.upperBound...].prefix { !":/?;\"' ".contains($0) }
        return host.isEmpty ? nil : String(host)
    }
}
