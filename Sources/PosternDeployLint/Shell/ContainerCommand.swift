internal import PosternPolicy

/// A command of Docker's command line, or of one that takes the same words.
struct ContainerCommand {
    /// `compose down`, `volume rm`, `system prune`.
    let verbs: [String]
    /// Long and short options behind the verbs, without values: `--volumes`, `-v`.
    let options: Set<String>
    /// What is neither.
    let arguments: [ShellCommand.Word]
    /// `-f` of compose.
    let files: [String]
    let words: [ShellCommand.Word]

    private static let programs: Set<String> = ["docker", "podman", "nerdctl"]
    private static let composePrograms: Set<String> = ["docker-compose", "podman-compose"]
    private static let groups: Set<String> = ["compose", "volume", "system", "container", "stack", "pod"]
    /// Options before the verb that take the next word.
    private static let valued: Set<String> = [
        "-H", "--host", "-c", "--context", "--config", "-l", "--log-level", "--tlscacert", "--tlscert", "--tlskey",
        "-f", "--file", "-p", "--project-name", "--profile", "--env-file", "--project-directory", "--ansi",
        "--progress", "--parallel", "-n", "--namespace", "--url", "--connection",
    ]

    /// - Returns: nil when it is another command.
    init?(_ command: ShellCommand) {
        let isCompose = Self.composePrograms.contains(command.name)
        guard isCompose || Self.programs.contains(command.name) else { return nil }
        words = command.words
        var verbs = isCompose ? ["compose"] : []
        var options: Set<String> = []
        var files: [String] = []
        var arguments: [ShellCommand.Word] = []
        var rest = command.arguments
        while let word = rest.popFirst() {
            let text = word.text
            let isDone = verbs.count > 1 || (verbs.count == 1 && !Self.groups.contains(verbs[0]))
            if text.hasPrefix("-"), text != "-" {
                let (name, value) = Self.split(text)
                if isDone {
                    if value != "false" { options.formUnion(Self.names(of: name)) }
                } else if Self.valued.contains(name) {
                    let taken = value ?? rest.popFirst()?.text
                    if name == "-f" || name == "--file", let taken { files.append(taken) }
                }
            } else if isDone {
                arguments.append(word)
            } else {
                verbs.append(text)
            }
        }
        self.verbs = verbs
        self.options = options
        self.files = files
        self.arguments = arguments
    }

    func has(_ names: String...) -> Bool { names.contains { options.contains($0) } }

    /// Sources of `-v SOURCE:TARGET` and `--mount` of `run` and `create`.
    var mounts: [(mount: DeployMount, word: ShellCommand.Word)] {
        guard verbs.last == "run" || verbs.last == "create" else { return [] }
        return words.indices.compactMap { index in
            let (name, value) = Self.split(words[index].text)
            guard name == "-v" || name == "--volume" else { return nil }
            guard let text = value ?? (index + 1 < words.count ? words[index + 1].text : nil) else { return nil }
            let place = value == nil ? words[index + 1] : words[index]
            // The place is the word's; the mount's own is not looked at.
            let location = SourceLocation(file: "", line: 1, column: 1)
            return (ComposeReader.short(text, at: location), place)
        }
    }

    private static func split(_ option: String) -> (name: String, value: String?) {
        guard option.hasPrefix("-"), let equals = option.firstIndex(of: "=") else { return (option, nil) }
        return (String(option[..<equals]), String(option[option.index(after: equals)...]))
    }

    /// `-fsv` is `-f -s -v`.
    private static func names(of option: String) -> [String] {
        option.hasPrefix("--") ? [option] : option.dropFirst().map { "-\($0)" }
    }
}
