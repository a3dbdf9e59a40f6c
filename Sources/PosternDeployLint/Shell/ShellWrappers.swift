/// Commands that run another command: what is behind `sudo`, `xargs`, `sh -c` is looked at too.
enum ShellWrappers {
    /// The command, and those that it runs.
    static func unwrap(_ command: ShellCommand, depth: Int) -> [ShellCommand] {
        guard depth <= ShellScript.maximumDepth else { return [command] }
        return [command] + inner(of: command, depth: depth).flatMap { unwrap($0, depth: depth + 1) }
    }

    /// Whether its standard input is a script: `ssh host <<EOF`, `bash -s`.
    static func readsScript(_ command: ShellCommand) -> Bool {
        let shells: Set<String> = ["sh", "bash", "dash", "ash", "zsh", "ksh", "ssh"]
        return unwrap(command, depth: 0).contains { shells.contains($0.name) }
    }

    private static func inner(of command: ShellCommand, depth: Int) -> [ShellCommand] {
        if let named = behindVariable(command) { return [named] }
        switch command.name {
        case "sh", "bash", "dash", "ash", "zsh", "ksh", "su", "runuser": return script(of: command, depth: depth)
        case "sshpass": return behind(command, valued: ["-p", "-f", "-d", "-P"])
        case "eval":
            guard let first = command.arguments.first else { return [] }
            let text = command.arguments.map(\.text).joined(separator: " ")
            return ShellScript.commands(in: text, line: first.line, column: first.column, depth: depth + 1)
        case "trap":
            guard let first = command.arguments.first else { return [] }
            let column = first.column + (first.isQuoted ? 1 : 0)
            return ShellScript.commands(in: first.text, line: first.line, column: column, depth: depth + 1)
        case "sudo", "doas": return behind(command, valued: ["-u", "-g", "-h", "-p", "-C", "-D", "--user", "--group"])
        case "env": return behind(command, valued: ["-u", "-C", "-S", "--unset", "--chdir"])
        case "exec", "command", "nohup", "builtin", "chronic", "setsid": return behind(command, valued: ["-a"])
        case "nice", "ionice": return behind(command, valued: ["-n", "-c", "-p", "--adjustment"])
        case "timeout", "flock":
            return behind(command, valued: ["-s", "-k", "-w", "--signal", "--kill-after"], skipping: 1)
        case "xargs", "parallel":
            return behind(
                command,
                valued: ["-n", "-I", "-P", "-L", "-d", "-a", "-j", "-s", "--max-args", "--max-procs"]
            )
        case "retry", "time", "watch":
            // `retry 3 COMMAND`, of the many programs of that name.
            let isCounted = command.arguments.first.map { $0.text.allSatisfy(\.isNumber) } ?? false
            return behind(command, valued: ["-n", "-t", "-d"], skipping: isCounted ? 1 : 0)
        case "ssh":
            let inner = behind(
                command,
                valued: ["-i", "-p", "-o", "-l", "-F", "-J", "-L", "-R", "-D", "-E", "-S"],
                skipping: 1
            )
            // The far shell takes all words as one line.
            guard let remote = inner.first, let first = remote.words.first else { return [] }
            let text = remote.texts.joined(separator: " ")
            return ShellScript.commands(in: text, line: first.line, column: first.column, depth: depth + 1)
        case "postern", "postern-job", "doppler", "op", "chamber", "dotenv", "infisical", "aws-vault":
            // `postern exec … -- CMD`, `postern guard … -- CMD`.
            guard let dashes = command.words.firstIndex(where: { $0.text == "--" }) else { return [] }
            return made(command.words[(dashes + 1)...])
        case "docker", "podman", "nerdctl", "docker-compose", "podman-compose", "kubectl", "oc":
            return InsideContainer.command(of: command).map { [$0] } ?? []
        default: return []
        }
    }

    /// `$SUDO docker …`, and `$DOCKER compose …`, where the variable's own name says what it is.
    private static func behindVariable(_ command: ShellCommand) -> ShellCommand? {
        guard let first = command.words.first, first.text.hasPrefix("$"), command.words.count > 1 else { return nil }
        let name = first.text.filter { $0.isLetter || $0 == "_" }.lowercased()
        let programs = [
            "docker": "docker", "podman": "podman", "compose": "docker-compose", "docker_compose": "docker-compose",
            "kubectl": "kubectl", "psql": "psql",
        ]
        guard let program = programs[name] else { return ShellCommand(words: Array(command.arguments)) }
        let word = ShellCommand.Word(text: program, line: first.line, column: first.column, isQuoted: first.isQuoted)
        return ShellCommand(words: [word] + command.arguments)
    }

    private static func script(of command: ShellCommand, depth: Int) -> [ShellCommand] {
        var takesScript = false
        for word in command.arguments {
            if takesScript, !word.text.hasPrefix("-") {
                // The text begins behind the quote.
                return ShellScript.commands(
                    in: word.text,
                    line: word.line,
                    column: word.column + (word.isQuoted ? 1 : 0),
                    depth: depth + 1
                )
            }
            if word.text.hasPrefix("-"), !word.text.hasPrefix("--"), word.text.contains("c") { takesScript = true }
        }
        return []
    }

    /// - Parameters:
    ///   - valued: options whose value is the next word.
    ///   - skipping: words of its own before the command.
    private static func behind(_ command: ShellCommand, valued: Set<String>, skipping own: Int = 0) -> [ShellCommand] {
        var rest = command.arguments
        var skipped = 0
        while let word = rest.first {
            if word.text == "--" {
                rest = rest.dropFirst()
            } else if word.text.hasPrefix("-") {
                rest = rest.dropFirst(valued.contains(word.text) ? 2 : 1)
            } else if ShellScript.isAssignment(word.text) {
                rest = rest.dropFirst()
            } else if skipped < own {
                skipped += 1
                rest = rest.dropFirst()
            } else {
                break
            }
        }
        return made(rest)
    }

    private static func made(_ words: ArraySlice<ShellCommand.Word>) -> [ShellCommand] {
        words.isEmpty ? [] : [ShellCommand(words: Array(words))]
    }
}
