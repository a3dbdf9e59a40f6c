internal import Glibc
package import PosternDeployLint

/// Finds and reads the compose files, pipelines and scripts below paths, and the files that they refer to.
package struct DeployFileSearch {
    package struct Failure: Sendable {
        package let path: String
        /// Lower case, to stand before the path.
        package let message: String
        package let hint: String?
    }

    /// Folders in folders.
    private static let maximumDepth = 16
    /// Files that are read to see what they are.
    private static let maximumFiles = 5_000
    /// Files that others refer to.
    private static let maximumReferences = 100
    /// What others wrote, or a tool made.
    private static let skipped: Set<String> = [
        ".git", "node_modules", "vendor", ".venv", "venv", ".build", ".terraform", "__pycache__",
    ]

    package private(set) var files: [DeployFile] = []
    package private(set) var failures: [Failure] = []
    private var seen: Set<String> = []
    /// There are too many files: nothing more is looked for.
    private var isFull = false

    /// - Parameter kind: what the named files are; nil to find it out.
    package init(paths: [String], kind: DeployFileKind?) {
        for path in paths {
            if FilePath.isDirectory(path) {
                walk(path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path, depth: 0)
            } else {
                read(path, kind: kind)
            }
        }
        addReferences()
    }

    /// A file that was named, and so must be one that there are rules for.
    private mutating func read(_ path: String, kind: DeployFileKind?) {
        guard seen.insert(FilePath.resolved(path)).inserted else { return }
        do {
            let contents = try FileReader.read(path)
            guard let file = DeployFile(path: path, contents: contents, kind: kind) else {
                failures.append(
                    Failure(
                        path: path,
                        message: "cannot tell what this file is:",
                        hint: "say it with `--kind`: " + DeployFileKind.allCases.map(\.rawValue).joined(separator: ", ")
                    )
                )
                return
            }
            files.append(file)
        } catch {
            failures.append(Failure(path: path, message: "cannot read (\(error.reason))", hint: nil))
        }
    }

    private mutating func walk(_ folder: String, depth: Int) {
        guard !isFull else { return }
        guard depth <= Self.maximumDepth else {
            let message = "folders are more than \(Self.maximumDepth) deep at"
            failures.append(Failure(path: folder, message: message, hint: Self.tooMany))
            return
        }
        guard let names = FilePath.names(in: folder) else {
            failures.append(
                Failure(path: folder, message: "cannot read the folder (\(SystemError.text(errno)))", hint: nil)
            )
            return
        }
        for name in names where !isFull && name != "." && name != ".." && !Self.skipped.contains(name) {
            let path = folder == "." ? name : FilePath.shown(folder == "/" ? "" : folder, name)
            var status = stat()
            // Links are not followed: what they lead to is found where it is, or is none of this folder's business.
            guard lstat(path, &status) == 0 else { continue }
            if status.st_mode & S_IFMT == S_IFDIR {
                walk(path, depth: depth + 1)
            } else if status.st_mode & S_IFMT == S_IFREG, DeployFileKind.isCandidate(path) {
                find(path)
            }
        }
    }

    /// A file that was found, and may be something else.
    private mutating func find(_ path: String) {
        guard seen.count < Self.maximumFiles else {
            isFull = true
            let message = "there are more than \(Self.maximumFiles) files, from"
            failures.append(Failure(path: path, message: message, hint: Self.tooMany))
            return
        }
        guard seen.insert(FilePath.resolved(path)).inserted else { return }
        do {
            if let file = DeployFile(path: path, contents: try FileReader.read(path), kind: nil) { files.append(file) }
        } catch {
            // A file of another kind may be as large as it likes.
            guard DeployFileKind.named(path) != nil else { return }
            failures.append(Failure(path: path, message: "cannot read (\(error.reason))", hint: nil))
        }
    }

    private static let tooMany = "name the folders that have deployments in them"

    /// Files of `extends` and `include`, and the base file that lies beside an override: they say what is meant, and are
    /// looked at only when they are named themselves.
    private mutating func addReferences() {
        var index = 0
        var count = 0
        while index < files.count {
            for path in files[index].references {
                guard FilePath.exists(path), seen.insert(FilePath.resolved(path)).inserted else { continue }
                guard count < Self.maximumReferences else {
                    let message = "files refer to more than \(Self.maximumReferences) others, from"
                    failures.append(Failure(path: path, message: message, hint: nil))
                    return
                }
                do {
                    let contents = try FileReader.read(path)
                    guard let file = DeployFile(path: path, contents: contents, kind: .compose, isContext: true)
                    else { continue }
                    count += 1
                    files.append(file)
                } catch {
                    failures.append(Failure(path: path, message: "cannot read (\(error.reason))", hint: nil))
                }
            }
            index += 1
        }
    }
}
