internal import PosternPolicy

/// Commands that a pipeline runs, with the words that they are about.
struct DeployJob: Sendable {
    let name: String
    let location: SourceLocation
    var scripts: [DeployScript] = []
    var environment: [EnvironmentEntry] = []
    /// Databases that run beside the job, for this run alone.
    var services: [DeployService] = []
    /// Secrets that it takes, by their places.
    var secrets: [(name: String, location: SourceLocation)] = []
    /// nil where it does not run for pull requests.
    var pullRequests: PullRequests?
    /// Volumes that it mounts.
    var mounts: [DeployMount] = []

    enum PullRequests: Sendable {
        /// Its file says so.
        case named
        /// Its file does not say otherwise.
        case unrestricted
    }

    var commands: [(script: DeployScript, command: ShellCommand)] {
        scripts.flatMap { script in script.commands.map { (script, $0) } }
    }

    /// It reaches its database through Postern already.
    var usesPostern: Bool {
        commands.contains { _, command in
            guard ["postern", "postern-job"].contains(command.name), command.words.count > 1 else { return false }
            return ["exec", "connect"].contains(command.words[1].text)
        }
    }
}

/// A script's commands and where each stands in the file.
struct DeployScript: Sendable {
    let commands: [ShellCommand]
    private let place: @Sendable (Int, Int) -> SourceLocation

    init(commands: [ShellCommand], place: @escaping @Sendable (Int, Int) -> SourceLocation) {
        self.commands = commands
        self.place = place
    }

    /// - Parameter node: the text in a YAML file.
    init?(_ node: DeployNode, in file: DeployFile) {
        guard let text = node.text else { return nil }
        self.init(commands: ShellScript.commands(in: text)) { file.location(of: $0, $1, in: node) }
    }

    /// Texts of lists, lists in lists and single texts: each is a script of its own.
    static func scripts(_ node: DeployNode?, in file: DeployFile) -> [DeployScript] {
        guard let node else { return [] }
        guard node.tag != "!reference" else { return [] }
        if let script = DeployScript(node, in: file) { return [script] }
        return node.elements.flatMap { scripts($0, in: file) }
    }

    func location(of word: ShellCommand.Word) -> SourceLocation { place(word.line, word.column) }
    func location(of command: ShellCommand) -> SourceLocation { location(of: command.words[0]) }
}
