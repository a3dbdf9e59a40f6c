internal import Glibc
internal import PosternPolicy

/// What all decoders of one file share: the log, the folder that paths start from, and the files named so far.
final class DecodingContext {
    let log: DiagnosticLog
    /// Absolute.
    let directory: String
    /// Whether the files that are named are looked at. Where policies alone are worked on they need not be there.
    let examinesFiles: Bool
    /// Files whose change is a change of the configuration, absolute.
    private(set) var files: Set<String> = []

    init(log: DiagnosticLog, directory: String, examinesFiles: Bool = true) {
        self.log = log
        self.directory = directory
        self.examinesFiles = examinesFiles
    }

    func absolute(_ path: String) -> String {
        path.hasPrefix("/") ? path : FilePath.join(directory, path)
    }

    /// A path that the gateway makes itself, or reads later.
    func path(_ key: String, of mapping: YAMLMapping) -> String? {
        mapping.text(key).map(absolute)
    }

    /// A directory that must be there now.
    func directory(_ key: String, of mapping: YAMLMapping) -> String? {
        guard let written = mapping.text(key) else { return nil }
        let path = absolute(written)
        if examinesFiles, !FilePath.isDirectory(path) {
            let reason = FilePath.exists(path) ? "it is not a directory" : "no such directory"
            log.error(mapping.location(of: key), "cannot read the directory `\(written)`: \(reason)")
        }
        return path
    }

    /// A file that must be there and readable now, and whose changes matter.
    func file(_ key: String, of mapping: YAMLMapping, isPrivate: Bool = false) -> String? {
        guard let written = mapping.text(key) else { return nil }
        let path = absolute(written)
        let location = mapping.location(of: key)
        files.insert(path)
        guard examinesFiles else { return path }
        switch FileStatus(path) {
        case .readable(let mode):
            if isPrivate, mode & 0o007 != 0 {
                log.warning(
                    location,
                    "everybody on this machine may read `\(written)`",
                    hint: "chmod 0600 \(written)"
                )
            }
        case .notAFile: log.error(location, "`\(written)` is not a file")
        case .unreachable(let reason): log.error(location, "cannot read `\(written)`: \(reason)")
        }
        return path
    }
}

/// What is at a path.
enum FileStatus {
    /// A file that this process may read, and its permission bits.
    case readable(mode: mode_t)
    case notAFile
    /// With the system's own words in lower case.
    case unreachable(reason: String)

    init(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else {
            self = .unreachable(reason: SystemError.text(errno))
            return
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            self = .notAFile
            return
        }
        guard access(path, R_OK) == 0 else {
            self = .unreachable(reason: SystemError.text(errno))
            return
        }
        self = .readable(mode: status.st_mode)
    }
}

/// The system's error numbers in words.
enum SystemError {
    static func text(_ number: Int32) -> String {
        guard let words = strerror(number) else { return "error \(number)" }
        return String(cString: words).lowercased()
    }
}
