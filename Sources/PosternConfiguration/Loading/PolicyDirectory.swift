internal import Glibc
internal import PosternPolicy

/// The policy files below a folder: every `*.yaml` except `*_test.yaml`, names that begin with a dot left out.
///
/// Symbolic links are followed, because a mounted ConfigMap consists of them (into a folder whose name begins
/// with a dot).
struct PolicyDirectory {
    static let maximumDepth = 16
    static let maximumFiles = 10_000

    private(set) var files: [PolicyFile] = []
    /// All folders that were walked, absolute.
    private(set) var directories: Set<String> = []
    private let root: String
    private let log: DiagnosticLog

    /// - Parameter root: absolute.
    static func read(_ root: String, log: DiagnosticLog) -> PolicyDirectory {
        var directory = PolicyDirectory(root: root, log: log)
        directory.walk("", depth: 0)
        return directory
    }

    private init(root: String, log: DiagnosticLog) {
        self.root = root
        self.log = log
    }

    private mutating func walk(_ relative: String, depth: Int) {
        let path = relative.isEmpty ? root : root + "/" + relative
        directories.insert(path)
        guard depth <= Self.maximumDepth else {
            log.add(Diagnostic(.error, file: path, "policies are nested too deeply"))
            return
        }
        guard let names = Self.names(in: path) else {
            log.add(Diagnostic(.error, file: path, "cannot read the directory: \(SystemError.text(errno))"))
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
                log.add(Diagnostic(.error, file: path, "cannot read the file: \(SystemError.text(errno))"))
            }
            return
        }
        if status.st_mode & S_IFMT == S_IFDIR {
            walk(relative, depth: depth + 1)
        } else if relative.hasSuffix(".yml") {
            log.add(Diagnostic(.warning, file: path, "the file is not read", hint: "policies end in `.yaml`"))
        } else if relative.hasSuffix(".yaml"), !relative.hasSuffix("_test.yaml") {
            add(relative, path)
        }
    }

    private mutating func add(_ relative: String, _ path: String) {
        guard files.count < Self.maximumFiles else {
            if files.count == Self.maximumFiles {
                log.add(Diagnostic(.error, file: root, "more than \(Self.maximumFiles) policy files"))
            }
            return
        }
        do {
            files.append(PolicyFile(path: relative, contents: try FileReader.read(path)))
        } catch {
            log.add(Diagnostic(.error, file: path, "cannot read the file: \(error.reason)"))
        }
    }

    /// Sorted; nil with `errno` set when the directory cannot be read.
    private static func names(in path: String) -> [String]? {
        guard let stream = opendir(path) else { return nil }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            names.append(name)
        }
        return names.sorted()
    }
}
