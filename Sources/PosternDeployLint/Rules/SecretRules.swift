internal import PosternPolicy

/// Rules about secrets that are written down.
extension DeployRule {
    static let secretsInFiles = [passwordInFile, urlWithCredentials]

    static let passwordInFile = DeployRule(
        "secrets/password-in-file",
        .error,
        "A database's password is in the file",
        reason: """
            Whoever may read the repository, or any of its copies and caches, has it, and it stays in the history when the line \
            is gone.
            """
    ) { subject in
        subject.own.flatMap { file -> [Complaint] in
            let services = file.content.services.filter { !$0.isThrowaway }
            let hasOwn = { (job: DeployJob) in job.services.contains { $0.engine != nil } }
            let jobs = file.content.jobs.filter { !hasOwn($0) }
            let entries = services.flatMap(\.environment) + jobs.flatMap(\.environment)
            let written = entries.filter { CredentialNames.isPassword($0.name) && isWritten($0.value) }
            // A job with a database of its own may still have one elsewhere in mind.
            let own = ownHosts(of: file)
            let elsewhere = file.content.jobs.filter(hasOwn).flatMap(\.commands).filter { _, command in
                host(in: command).map { !own.contains($0) } ?? false
            }
            let typed = (jobs.flatMap(\.commands) + elsewhere).flatMap { script, command in
                assignments(in: command).compactMap { word -> Complaint? in
                    let parts = word.text.split(separator: "=", maxSplits: 1).map(String.init)
                    guard parts.count == 2, CredentialNames.isPassword(parts[0]), isWritten(parts[1]) else {
                        return nil
                    }
                    return complaint(parts[0], script.location(of: word))
                }
            }
            return written.map { complaint($0.name, $0.location) } + typed
        }
    }

    static let urlWithCredentials = DeployRule(
        "secrets/url-with-credentials",
        .error,
        "A database's address has its password in it",
        reason: """
            An address is copied into logs, error messages and dashboards by programs that do not know that a password is in it.
            """
    ) { subject in
        subject.own.flatMap { file -> [Complaint] in
            let local = ownHosts(of: file)
            return places(in: file).compactMap { place in
                guard let text = opened(by: place.text, besides: local) else { return nil }
                return Complaint(
                    place.location,
                    text,
                    hint: "let `postern exec` make DATABASE_URL, or take it from a secret",
                    hidesSource: true
                )
            }
        }
    }

    /// What a text with the password of a database says, unless it is one of `local`.
    private static func opened(by text: String, besides local: Set<String>) -> String? {
        if let url = DatabaseURL.first(in: text), isWritten(url.password), !local.contains(url.host) {
            return "this address of `\(url.host)` holds the password of `\(url.user)`"
        }
        guard let found = ConnectionString.first(in: text), isWritten(found.password), !found.password.hasPrefix("$"),
            !local.contains(found.host ?? "localhost")
        else { return nil }
        return "this address of `\(found.host ?? "a database")` holds the password of `\(found.user ?? "its user")`"
    }

    /// Where the databases of the run itself are: they have nothing that a stranger could want.
    private static func ownHosts(of file: DeployFile) -> Set<String> {
        let throwaway = Set(file.content.services.filter(\.isThrowaway).map(\.name))
        return throwaway.isEmpty ? [] : throwaway.union(["localhost", "127.0.0.1", "::1", "docker"])
    }

    /// The host that a client of PostgreSQL or MySQL is told; nil for none, or one that a variable names.
    private static func host(in command: ShellCommand) -> String? {
        let words = command.arguments.map(\.text)
        for (index, word) in words.enumerated() {
            if word == "-h" || word == "--host" { return index + 1 < words.count ? literal(words[index + 1]) : nil }
            if word.hasPrefix("--host=") { return literal(String(word.dropFirst("--host=".count))) }
        }
        return nil
    }

    private static func literal(_ word: String) -> String? { word.contains("$") ? nil : word }

    private static func complaint(_ name: String, _ location: SourceLocation) -> Complaint {
        Complaint(
            location,
            "`\(name)` has its value in the file",
            hint: "take it from a secret, or from a file that is no part of the repository",
            hidesSource: true
        )
    }

    /// Something stands there that is no variable and no placeholder.
    private static func isWritten(_ value: String?) -> Bool {
        guard let value, let text = Interpolation.resolved(value), !text.isEmpty else { return false }
        return !(text.hasPrefix("<") && text.hasSuffix(">")) && !text.contains("$(") && !text.hasPrefix("`")
            && !text.hasPrefix("%") && text != "none"
    }

    private static func assignments(in command: ShellCommand) -> [ShellCommand.Word] {
        let takers = ["export", "env", "declare", "sudo", "docker", "podman", "docker-compose", "podman-compose"]
        guard takers.contains(command.name) else { return command.assignments }
        let words = command.arguments.map { word in
            // `docker run --env=NAME=value`.
            guard let start = ["--env=", "-e="].first(where: word.text.hasPrefix) else { return word }
            return ShellCommand.Word(
                text: String(word.text.dropFirst(start.count)),
                line: word.line,
                column: word.column,
                isQuoted: word.isQuoted
            )
        }
        return command.assignments + words.filter { ShellScript.isAssignment($0.text) }
    }

    /// Every text with its place: the values of a YAML file, line by line where one has several, and a script's lines.
    private static func places(in file: DeployFile) -> [(text: String, location: SourceLocation)] {
        guard file.kind != .shell else {
            // A comment shows how it is used, mostly without a password that is one.
            return file.lines.enumerated().filter { !$0.element.drop { $0 == " " || $0 == "\t" }.hasPrefix("#") }.map {
                index,
                line in
                let column = line.unicodeScalars.prefix { $0 == " " || $0 == "\t" }.count + 1
                return (String(line), SourceLocation(file: file.path, line: index + 1, column: column))
            }
        }
        return file.documents.flatMap { $0.scalars() }.flatMap { entry -> [(String, SourceLocation)] in
            let rows = (entry.node.text ?? "").split(separator: "\n", omittingEmptySubsequences: false)
            return rows.enumerated().filter { $0.element.contains("://") || $0.element.contains("=") }.map {
                index,
                row in
                (String(row), file.location(of: index, 0, in: entry.node))
            }
        }
    }
}

/// An address of a database with user and password.
struct DatabaseURL {
    let user: String
    let password: String
    let host: String

    private static let schemes: Set<String> = [
        "postgres", "postgresql", "mysql", "mysql2", "mariadb", "mongodb", "redis", "rediss", "sqlserver", "mssql",
        "clickhouse", "cockroachdb", "timescaledb", "jdbc:postgresql", "jdbc:mysql", "ecto",
    ]

    /// User, password and host; a brace that nothing closes ends here too.
    private static let maximumLength = 1_000

    /// The first in a text that has a password.
    static func first(in text: String) -> DatabaseURL? {
        var rest = text[...]
        while let mark = rest.firstRange(of: "://") {
            let before = rest[..<mark.lowerBound]
            let word = before.reversed().prefix { $0.isLetter || $0.isNumber || "+.-:".contains($0) }.reversed()
            let scheme = String(word).lowercased().split(separator: "+").first.map(String.init) ?? ""
            rest = rest[mark.upperBound...]
            let known = schemes.contains { scheme == $0 || scheme.hasSuffix(":" + $0) }
            guard known else { continue }
            let authority = authority(of: rest)
            if let url = DatabaseURL(authority) { return url }
            rest = rest[authority.endIndex...]
        }
        return nil
    }

    /// What stands between `://` and the path.
    private static func authority(of text: Substring) -> Substring {
        // A variable in braces may hold any sign.
        var depth = 0
        return text.prefix(maximumLength).prefix { character in
            if character == "{" { depth += 1 }
            if character == "}" { depth -= 1 }
            return depth > 0 || !(character.isWhitespace || "/\"'`?#,;)".contains(character))
        }
    }

    private init?(_ authority: Substring) {
        guard let at = authority.lastIndex(of: "@"), let colon = authority[..<at].firstIndex(of: ":") else {
            return nil
        }
        user = String(authority[..<colon])
        password = String(authority[authority.index(after: colon)..<at])
        let address = authority[authority.index(after: at)...]
        host = String(address.hasPrefix("[") ? address.dropFirst().prefix { $0 != "]" } : address.prefix { $0 != ":" })
        guard !password.isEmpty else { return nil }
    }
}
