internal import Glibc
internal import PosternPolicy

/// The policy files below a folder: every `*.yaml` except `*_test.yaml`, which are tests. Names that begin with a dot
/// are left out.
///
/// Symbolic links are followed, because a mounted ConfigMap consists of them (into a folder whose name begins
/// with a dot).
struct PolicyDirectory {
    static let maximumDepth = 16
    static let maximumFiles = 10_000

    private(set) var files: [PolicyFile] = []
    /// The `*_test.yaml` files, where they were asked for.
    private(set) var tests: [PolicyFile] = []
    /// All folders that were walked, absolute.
    private(set) var directories: Set<String> = []
    private struct Identity: Hashable {
        let device: dev_t
        let inode: ino_t
    }

    private var visited: Set<Identity> = []
    private let root: String
    private let shownRoot: String
    private let includesTests: Bool
    private let log: DiagnosticLog

    /// - Parameters:
    ///   - root: absolute.
    ///   - shownAs: the same folder in diagnostics.
    static func read(
        _ root: String,
        shownAs shownRoot: String,
        includingTests includesTests: Bool = false,
        log: DiagnosticLog
    ) -> PolicyDirectory {
        var directory = PolicyDirectory(
            root: root,
            shownRoot: shownRoot,
            includesTests: includesTests,
            log: log
        )
        directory.walk("", depth: 0)
        return directory
    }

    private init(root: String, shownRoot: String, includesTests: Bool, log: DiagnosticLog) {
        self.root = root
        self.shownRoot = shownRoot
        self.includesTests = includesTests
        self.log = log
    }

    private mutating func walk(_ relative: String, depth: Int) {
        let path = relative.isEmpty ? root : root + "/" + relative
        directories.insert(path)
        var status = stat()
        guard stat(path, &status) == 0 else {
            complain(relative, "cannot read the directory: \(SystemError.text(errno))")
            return
        }
        guard visited.insert(Identity(device: status.st_dev, inode: status.st_ino)).inserted else {
            complain(relative, "the directory is reached a second time", hint: "remove the link to it")
            return
        }
        guard depth <= Self.maximumDepth else {
            complain(relative, "policies are nested too deeply")
            return
        }
        guard let names = FilePath.names(in: path) else {
            complain(relative, "cannot read the directory: \(SystemError.text(errno))")
            return
        }
        for name in names where !name.hasPrefix(".") {
            visit(relative.isEmpty ? name : relative + "/" + name, depth: depth)
        }
    }

    private mutating func visit(_ relative: String, depth: Int) {
        let path = root + "/" + relative
        var status = stat()
        guard stat(path, &status) == 0 else {
            if relative.hasSuffix(".yaml") {
                complain(relative, "cannot read the file: \(SystemError.text(errno))")
            }
            return
        }
        if status.st_mode & S_IFMT == S_IFDIR {
            walk(relative, depth: depth + 1)
        } else if relative.hasSuffix(".yml") {
            let file = FilePath.shown(shownRoot, relative)
            log.add(
                Diagnostic(.warning, file: file, "the file is not read", hint: "policies end in `.yaml`")
            )
        } else if relative.hasSuffix(PolicyPaths.testSuffix) {
            if includesTests { add(relative, path, to: \.tests) }
        } else if relative.hasSuffix(".yaml") {
            add(relative, path, to: \.files)
        }
    }

    private mutating func add(
        _ relative: String,
        _ path: String,
        to list: WritableKeyPath<PolicyDirectory, [PolicyFile]>
    ) {
        guard self[keyPath: list].count < Self.maximumFiles else {
            if self[keyPath: list].count == Self.maximumFiles {
                complain("", "there are more than \(Self.maximumFiles) policy files")
            }
            return
        }
        do {
            self[keyPath: list].append(PolicyFile(path: relative, contents: try FileReader.read(path)))
        } catch {
            complain(relative, "cannot read the file: \(error.reason)")
        }
    }

    private func complain(_ relative: String, _ message: String, hint: String? = nil) {
        log.add(Diagnostic(.error, file: FilePath.shown(shownRoot, relative), message, hint: hint))
    }
}
