/// The command that `docker exec`, `docker compose run`, `kubectl exec` and the like run in a container.
enum InsideContainer {
    private static let verbs: Set<String> = ["exec", "run"]
    /// Options of both verbs that take the next word.
    private static let valued: Set<String> = [
        "-e", "--env", "--env-file", "-u", "--user", "-w", "--workdir", "-v", "--volume", "--mount", "--name",
        "--network", "--net", "-p", "--publish", "-l", "--label", "--entrypoint", "--index", "--platform", "--pull",
        "--add-host", "-m", "--memory", "--cpus", "-h", "--hostname", "--tmpfs", "--volumes-from", "--restart",
        "--cidfile", "--link", "--dns", "--shm-size", "--security-opt", "--cap-add", "--cap-drop", "--ulimit",
        "--detach-keys", "-c", "--container", "-n", "--namespace", "--context", "--profile", "-f", "--file",
        "--project-name", "--project-directory", "--ansi", "--progress", "-H", "--host", "--config",
    ]

    /// - Returns: nil when the command runs none.
    static func command(of command: ShellCommand) -> ShellCommand? {
        var rest = command.arguments
        var isRunning = false
        var entry: ShellCommand.Word?
        while let word = rest.popFirst() {
            if word.text == "--" { break }
            guard word.text.hasPrefix("-") else {
                if isRunning { break }
                isRunning = verbs.contains(word.text)
                // The one group that has these verbs.
                guard isRunning || word.text == "compose" || word.text == "container" else { return nil }
                continue
            }
            let value = valued.contains(word.text) ? rest.popFirst() : nil
            if word.text == "--entrypoint" { entry = value }
        }
        // Behind the container's name `kubectl` has two dashes.
        if rest.first?.text == "--" { rest = rest.dropFirst() }
        let words = (entry.map { [$0] } ?? []) + rest
        return isRunning && !words.isEmpty ? ShellCommand(words: words) : nil
    }
}
