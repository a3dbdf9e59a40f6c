internal import Glibc
internal import PosternPolicy

/// The files that a person named by paths: policies and their tests, each once, under the names that the paths lead
/// to.
struct PolicyPaths {
    private(set) var policies: [PolicyFile] = []
    private(set) var tests: [PolicyFile] = []
    private var seen: Set<String> = []
    private let log: DiagnosticLog

    static let testSuffix = "_test.yaml"

    init(log: DiagnosticLog) {
        self.log = log
    }

    /// - Parameters:
    ///   - path: a folder, which is walked, or a file, from the current directory.
    ///   - policiesOnly: the folder's tests are left out.
    mutating func add(_ path: String, policiesOnly: Bool = false) {
        let absolute = FilePath.absolute(path)
        if FilePath.isDirectory(absolute) {
            let shown = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
            let directory = PolicyDirectory.read(
                absolute,
                shownAs: shown,
                includingTests: !policiesOnly,
                log: log
            )
            for file in directory.files { add(file, in: shown, to: \.policies) }
            for file in directory.tests { add(file, in: shown, to: \.tests) }
            return
        }
        guard path.hasSuffix(".yaml") else {
            let reason =
                FilePath.exists(absolute) ? "policies end in `.yaml`" : "no such file or directory"
            log.add(Diagnostic(.error, file: path, "cannot read the file: \(reason)"))
            return
        }
        do {
            let file = PolicyFile(path: path, contents: try FileReader.read(absolute))
            add(file, in: nil, to: path.hasSuffix(Self.testSuffix) ? \.tests : \.policies)
        } catch {
            log.add(Diagnostic(.error, file: path, "cannot read the file: \(error.reason)"))
        }
    }

    private mutating func add(
        _ file: PolicyFile,
        in directory: String?,
        to list: WritableKeyPath<PolicyPaths, [PolicyFile]>
    ) {
        let path = directory.map { FilePath.shown($0, file.path) } ?? file.path
        guard seen.insert(FilePath.resolved(path)).inserted else { return }
        self[keyPath: list].append(PolicyFile(path: path, contents: file.contents))
    }
}
