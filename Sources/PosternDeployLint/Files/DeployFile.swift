package import PosternPolicy

/// A file as the rules see it, whatever tool it is for.
package struct DeployFile: Sendable {
    /// As the person who named it wrote it.
    package let path: String
    package let kind: DeployFileKind
    /// Empty for a script.
    let documents: [DeployNode]
    let lines: [Substring]
    /// Loaded because another file refers to it or stands beside it: nothing is said of it by itself.
    package let isContext: Bool
    private(set) var content = DeployContent()
    /// What is wrong with it as a file, under `load/file`.
    package let problems: [LintFinding]

    /// - Parameter kind: nil to find it out.
    /// - Returns: nil when it is no file that there are rules for. A broken file is one when its name says so.
    package init?(path: String, contents: [UInt8], kind forced: DeployFileKind?, isContext: Bool = false) {
        let named = forced ?? DeployFileKind.named(path)
        let text = String(decoding: contents, as: UTF8.self)
        self.path = path
        self.isContext = isContext
        // A carriage return and a line feed are one character.
        lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
        guard named != .shell else {
            kind = .shell
            documents = []
            problems = []
            content = DeployContent(script: text, file: path)
            return
        }
        let read = DeployComposer.compose(contents, file: path)
        guard let kind = named ?? DeployFileKind.of(read.documents) else { return nil }
        self.kind = kind
        documents = read.documents
        problems = read.problems.map {
            LintFinding(
                rule: DeployLinter.loadRule,
                severity: .error,
                location: $0.location,
                message: $0.message,
                hint: $0.hint
            )
        }
    }

    /// Reads services and jobs.
    mutating func read(in project: ComposeProject) {
        switch kind {
        case .shell: break
        case .compose: content = ComposeReader(self, in: project).content
        case .drone: content = DroneReader(file: self).content
        case .github: content = GitHubReader(file: self).content
        case .gitlab: content = GitLabReader(file: self).content
        case .woodpecker: content = WoodpeckerReader(file: self).content
        }
    }

    /// Paths of other files that it may not be understood without, as its own is written.
    package var references: [String] {
        guard kind == .compose else { return [] }
        let base = ComposePath.baseNames.filter { $0 != name }
        let overrides = ComposePath.baseNames.contains(name) ? ComposePath.overrideNames : []
        return (documents.flatMap(ComposeReader.references) + base + overrides).map { ComposePath.joined(folder, $0) }
    }

    /// The folder, without a slash at its end; empty for the current one.
    var folder: String {
        guard let slash = path.lastIndex(of: "/") else { return "" }
        return String(path[..<slash])
    }

    var name: String { String(path.split(separator: "/").last ?? "") }

    /// Where character `column` of line `line` of a text stands, both from 0.
    func location(of line: Int, _ column: Int, in node: DeployNode) -> SourceLocation {
        let start = node.location
        switch node.style {
        case .plain: return SourceLocation(file: start.file, line: start.line, column: start.column + column)
        case .quoted: return SourceLocation(file: start.file, line: start.line, column: start.column + 1 + column)
        case .folded: return start
        case .literal:
            // libyaml takes a block's indentation away: the first line that has text shows how much it was.
            let text = node.text ?? ""
            let empty = text.prefix { $0 == "\n" }.count
            let row = text.dropFirst(empty).prefix { $0 != "\n" }
            let number = start.line + empty
            let indent =
                lines.indices.contains(number)
                ? max(0, lines[number].unicodeScalars.count - row.unicodeScalars.count) : 0
            return SourceLocation(
                file: start.file,
                line: start.line + 1 + line,
                column: indent + column + 1
            )
        }
    }
}

/// What the rules look at.
struct DeployContent: Sendable {
    var services: [DeployService] = []
    var jobs: [DeployJob] = []
    /// Names that a compose file declares.
    var declaredVolumes: [DeclaredVolume] = []

    init() {}

    init(script: String, file: String) {
        let script = DeployScript(commands: ShellScript.commands(in: script)) { line, column in
            SourceLocation(file: file, line: line + 1, column: column + 1)
        }
        jobs = [DeployJob(name: file, location: SourceLocation(file: file, line: 1, column: 1), scripts: [script])]
    }
}

struct DeclaredVolume: Sendable {
    let name: String
    let location: SourceLocation
    /// `name:` or `external:` keep it what it is, wherever the file lies.
    let hasOwnName: Bool
}
