internal import PosternPolicy

/// Rules about commands that remove data.
extension DeployRule {
    static let destruction = [destroysVolumes, removesData, resetsDatabase]

    static let destroysVolumes = ofCommands(
        "commands/destroys-volumes",
        .error,
        "A script removes volumes",
        reason: """
            Named volumes are where the data is. One run of the job on the wrong machine, or of a job meant for tests beside \
            production, and they are gone without a question.
            """
    ) { command, _, subject in
        if let container = ContainerCommand(command) { return removal(container, in: subject) }
        guard command.name == "kubectl" || command.name == "oc" else { return nil }
        // An option's value may stand before the verb or behind it, and is not told from a name here.
        let words = command.arguments.map(\.text).filter { !$0.hasPrefix("-") }
        guard let verb = words.firstIndex(of: "delete") else { return nil }
        let kinds = words[(verb + 1)...].flatMap { $0.split(separator: ",") }.map {
            String($0.split(separator: "/").first ?? "")
        }
        let stored: Set<String> = [
            "pvc", "persistentvolumeclaim", "persistentvolumeclaims", "pv", "persistentvolume", "persistentvolumes",
            "ns",
            "namespace", "namespaces",
        ]
        guard let kind = kinds.first(where: stored.contains) else { return nil }
        return (
            "`\(command.name) delete \(kind)` removes the volumes with what they hold",
            "delete workloads, and leave claims and their namespace to a person"
        )
    }

    private static func removal(_ command: ContainerCommand, in subject: DeploySubject) -> (
        message: String, hint: String
    )? {
        let hint = "leave volumes to a person; where nothing of worth is in them, say so in a comment"
        let verbs = command.verbs.joined(separator: " ")
        switch verbs {
        case "compose down":
            guard command.has("-v", "--volumes"), !isHarmless(command, in: subject) else { return nil }
            return (
                "`down` with `-v` removes every named volume of the project", "leave out `-v`: `down` alone keeps them"
            )
        case "compose rm", "rm", "container rm", "container remove":
            guard command.has("-v", "--volumes") else { return nil }
            return ("`rm` with `-v` removes the containers' volumes that have no name", "leave out `-v`")
        case "volume rm", "volume remove": return ("`volume rm` removes a volume with what it holds", hint)
        case "volume prune":
            return ("`volume prune` removes the volumes of every container that is not there at that moment", hint)
        case "system prune":
            guard command.has("--volumes") else { return nil }
            return (
                "`system prune --volumes` removes the volumes of containers that are not there at that moment",
                "leave out `--volumes`"
            )
        case "system reset": return ("`system reset` removes everything that \(command.words[0].text) has", hint)
        default: return nil
        }
    }

    /// The compose files that the command names are here, and have no volume that could go: none is declared, and what
    /// databases keep is in memory or on the host.
    private static func isHarmless(_ command: ContainerCommand, in subject: DeploySubject) -> Bool {
        guard !command.files.isEmpty, let files = subject.composeFiles(of: command) else { return false }
        let services = files.flatMap(\.content.services)
        return files.allSatisfy(\.content.declaredVolumes.isEmpty)
            && !files.contains { $0.documents.contains { $0["include"] != nil } }
            && services.allSatisfy { service in
                let isInVolume = service.mounts.contains { mount in
                    switch mount.source {
                    case .volume, .anonymous: true
                    case .bind, .memory, .pipeline, .unknown: false
                    }
                }
                return !isInVolume && (DataGap(service)?.engine.isOftenCache ?? true)
            }
    }

    static let removesData = ofCommands(
        "commands/removes-data",
        .error,
        "A script removes a database's folder",
        reason: """
            A folder that a database has mounted goes with everything in it, also while the database runs. `git clean -x` does \
            the same to one inside of the checkout, because data is ignored by git.
            """
    ) { command, _, subject in
        let flags = command.arguments.map(\.text).filter { $0.hasPrefix("-") }
        switch command.name {
        case "rm":
            let isRecursive = flags.contains { flag in
                flag == "--recursive" || (!flag.hasPrefix("--") && (flag.contains("r") || flag.contains("R")))
            }
            guard isRecursive else { return nil }
            let folder = command.arguments.map(\.text).first { text in
                !text.hasPrefix("-") && isData(text, bound: subject.plainBoundFolders)
            }
            return folder.map {
                ("`rm` removes the data in `\($0)`", "move it away instead, and let a person remove it")
            }
        case "git":
            let words = command.arguments.map(\.text)
            guard let verb = words.firstIndex(of: "clean"), words[0] == "clean" || words[0].hasPrefix("-"),
                flags.contains(where: { !$0.hasPrefix("--") && $0.lowercased().contains("x") })
            else { return nil }
            let kept = exclusions(in: Array(words[verb...]))
            guard
                let folder = subject.boundFolders.first(where: {
                    HostPath.isRelative($0) && !kept.contains(HostPath.plain($0))
                })
            else { return nil }
            return (
                "`git clean` removes `\(folder)`, where a database has its data",
                "use a named volume for the data, or leave out `-x`"
            )
        default: return nil
        }
    }

    /// Patterns of `git clean -e`.
    private static func exclusions(in words: [String]) -> Set<String> {
        var found: Set<String> = []
        for (index, word) in words.enumerated() {
            if word == "-e" || word == "--exclude" {
                found.insert(index + 1 < words.count ? HostPath.plain(words[index + 1]) : "")
            }
            if word.hasPrefix("--exclude=") { found.insert(HostPath.plain(String(word.dropFirst("--exclude=".count)))) }
        }
        return found
    }

    private static func isData(_ text: String, bound: [String]) -> Bool {
        let isVariable = ["$PGDATA", "${PGDATA"].contains { name in
            text.hasPrefix(name) && !(text.dropFirst(name.count).first.map { $0 == "_" || $0.isLetter } ?? false)
        }
        if isVariable { return true }
        let folder = HostPath.plain(text)
        let stores = ["/var/lib/docker", "/var/lib/containers", "/var/lib/containerd"]
        if stores.contains(where: { DeployService.contains($0, folder) }) { return true }
        if DatabaseEngine.wellKnownPaths.contains(where: { DeployService.contains($0, folder) }) { return true }
        return bound.contains { $0 == folder || ($0.hasPrefix(folder + "/") && folder.count > 1) }
    }

    static let resetsDatabase = ofCommands(
        "commands/resets-database",
        .warning,
        "A script empties a database",
        reason: """
            The command is made for a developer's machine. In a deployment it is one wrong variable away from the database that \
            customers use.
            """
    ) { command, job, _ in
        // Beside a database that lives as long as the job there is nothing to lose.
        guard !job.services.contains(where: { $0.engine != nil }) else { return nil }
        guard let words = DatabaseReset.words(in: command) else { return nil }
        return (
            "`\(words)` removes what the database holds",
            "run it through `postern exec` with a role whose rules deny it, or count rows with `postern guard`"
        )
    }
}

/// Commands of databases and migration tools that leave nothing behind.
enum DatabaseReset {
    /// A tool, and words that follow it in this order, others between them.
    private static let table: [(tool: String, words: [String])] = [
        ("dropdb", []), ("mysqladmin", ["drop"]), ("redis-cli", ["flushall"]), ("redis-cli", ["flushdb"]),
        ("rails", ["db:drop"]), ("rails", ["db:reset"]), ("rails", ["db:schema:load"]), ("rails", ["db:migrate:reset"]),
        ("rake", ["db:drop"]), ("rake", ["db:reset"]), ("rake", ["db:schema:load"]), ("rake", ["db:migrate:reset"]),
        ("prisma", ["migrate", "reset"]), ("prisma", ["db", "push", "--force-reset"]),
        ("prisma", ["db", "push", "--accept-data-loss"]), ("manage.py", ["flush"]), ("manage.py", ["reset_db"]),
        ("django-admin", ["flush"]), ("alembic", ["downgrade", "base"]), ("flyway", ["clean"]),
        ("liquibase", ["drop-all"]), ("liquibase", ["dropall"]), ("artisan", ["migrate:fresh"]),
        ("artisan", ["migrate:refresh"]), ("artisan", ["migrate:reset"]), ("artisan", ["db:wipe"]),
        ("sequelize", ["db:drop"]), ("sequelize-cli", ["db:drop"]), ("knex", ["migrate:rollback", "--all"]),
        ("dbmate", ["drop"]), ("typeorm", ["schema:drop"]), ("pg_restore", ["--clean"]), ("pg_restore", ["-c"]),
    ]

    /// How far a tool may stand behind what runs it: `bundle exec rails`, `uv run -- python manage.py`.
    private static let reach = 6

    static func words(in command: ShellCommand) -> String? {
        let words = command.words.map { $0.text.lowercased() }
        // What a known wrapper runs is a command of its own.
        let reach = ShellWrappers.unwrap(command, depth: 0).count > 1 ? 1 : reach
        for index in words.indices.prefix(reach) {
            let name = words[index].split(separator: "/").last.map(String.init) ?? ""
            for entry in table where entry.tool == name {
                var rest = words[(index + 1)...]
                let isWhole = entry.words.allSatisfy { word in
                    guard let place = rest.firstIndex(of: word) else { return false }
                    rest = rest[(place + 1)...]
                    return true
                }
                if isWhole { return ([entry.tool] + entry.words).joined(separator: " ") }
            }
        }
        // SQL in an argument of a client.
        guard ["psql", "mysql", "mariadb", "mongosh", "mongo"].contains(command.name) else { return nil }
        let drops = ["drop database", "drop schema", "dropdatabase()"]
        for word in words.dropFirst() {
            let text = word.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            if let found = drops.first(where: text.contains) { return "\(command.name) … \(found)" }
        }
        return nil
    }
}
