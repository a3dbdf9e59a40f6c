internal import Glibc
internal import PosternCore
internal import PosternCrypto
package import PosternPolicy

/// Everything that a gateway runs by, as one value: a reload swaps all of it or nothing.
package struct ConfigurationSnapshot: Hashable, Sendable {
    package let configuration: Configuration
    package let policies: PolicySet
    /// SHA-256 of the configuration file's bytes, as lower-case hexadecimal.
    package let configurationHash: String

    package init(configuration: Configuration, policies: PolicySet, configurationHash: String) {
        self.configuration = configuration
        self.policies = policies
        self.configurationHash = configurationHash
    }
}

/// What came of reading a configuration.
package struct LoadResult: Sendable {
    /// nil when there is an error among the diagnostics.
    package let snapshot: ConfigurationSnapshot?
    /// All mistakes and warnings, in the order of files and lines.
    package let diagnostics: [Diagnostic]
    /// Whether the configuration file itself could not be read.
    package let isUnreadable: Bool
    /// The files that it depends on, absolute and sorted, whether they exist or not. Secrets are not among them:
    /// they are read for each login.
    package let files: [String]
    /// The folders to watch for changes of those files and for new policies, absolute and sorted.
    package let directories: [String]
}

/// Reads `postern.yaml` and the policies that it names. Blocks: keep it off the event loops.
package enum ConfigurationLoader {
    /// - Parameter path: the configuration file, from the current directory. Diagnostics name files as this path
    ///   leads to them.
    package static func load(path: String) -> LoadResult {
        let log = DiagnosticLog()
        let absolute = FilePath.absolute(path)
        let context = DecodingContext(log: log, directory: FilePath.directory(of: absolute))
        let contents: [UInt8]
        do {
            contents = try FileReader.read(absolute)
        } catch {
            log.add(Diagnostic(.error, file: path, "cannot read the configuration: \(error.reason)"))
            return result(nil, log, isUnreadable: true, files: [absolute], directories: [])
        }
        guard let root = YAMLDocument.read(contents, file: path, log: log),
            let configuration = Configuration.decode(root, hostName: hostName(), context)
        else { return result(nil, log, files: [absolute], directories: []) }
        var policies = PolicySet(roles: [], files: [])
        var files = context.files.union([absolute])
        var directories: Set<String> = []
        if !FilePath.isDirectory(configuration.policiesDirectory) {
            // The decoder has said so, with its place; should the directory come back, that is worth a look.
            directories = configuration.policiesDirectory.isEmpty ? [] : [configuration.policiesDirectory]
        } else {
            let shown = shownDirectory(
                configuration.policiesDirectory,
                base: context.directory,
                path: path
            )
            let directory = PolicyDirectory.read(
                configuration.policiesDirectory,
                shownAs: shown,
                log: log
            )
            directories = directory.directories
            files.formUnion(directory.files.map { configuration.policiesDirectory + "/" + $0.path })
            let roles = directory.files.flatMap {
                PolicyReader.roles(of: $0, shownAs: FilePath.shown(shown, $0.path), log: log)
            }
            if roles.isEmpty, !log.hasErrors {
                log.add(Diagnostic(.warning, file: shown, "there are no roles: every job will be refused"))
            }
            ReferenceCheck(configuration: configuration, roles: roles, log: log).run()
            if !log.hasErrors {
                let folder = FilePath.directory(of: path)
                policies = PolicySet(roles: roles.map { $0.filesNamed(from: folder) }, files: directory.files)
            }
        }
        let hash = Hex.encode(Digest.sha256.hash(contents))
        let snapshot = ConfigurationSnapshot(
            configuration: configuration,
            policies: policies,
            configurationHash: hash
        )
        return result(snapshot, log, files: files, directories: directories)
    }

    private static func result(
        _ snapshot: ConfigurationSnapshot?,
        _ log: DiagnosticLog,
        isUnreadable: Bool = false,
        files: Set<String>,
        directories: Set<String>
    ) -> LoadResult {
        LoadResult(
            snapshot: log.hasErrors ? nil : snapshot,
            diagnostics: sorted(log.diagnostics),
            isUnreadable: isUnreadable,
            files: files.sorted(),
            directories: directories.union(files.map(FilePath.directory(of:))).sorted()
        )
    }

    /// By file in the order in which files were read, then by place.
    static func sorted(_ diagnostics: [Diagnostic]) -> [Diagnostic] {
        var order: [String: Int] = [:]
        for diagnostic in diagnostics where order[diagnostic.file] == nil {
            order[diagnostic.file] = order.count
        }
        return diagnostics.sorted { left, right in
            (order[left.file] ?? 0, left.line ?? 0, left.column ?? 0)
                < (order[right.file] ?? 0, right.line ?? 0, right.column ?? 0)
        }
    }

    /// The policies' folder as a person at the configuration's folder would write it.
    static func shownDirectory(_ directory: String, base: String, path: String) -> String {
        guard directory.hasPrefix(base + "/") else { return directory }
        let inside = String(directory.dropFirst(base.count + 1))
        let shownBase = FilePath.directory(of: path)
        return shownBase == "." ? inside : (shownBase == "/" ? "" : shownBase) + "/" + inside
    }

    static func hostName() -> String {
        var buffer = [UInt8](repeating: 0, count: 256)
        let status = buffer.withUnsafeMutableBytes { bytes in
            guard let start = bytes.baseAddress else { return Int32(-1) }
            return gethostname(start.assumingMemoryBound(to: CChar.self), bytes.count - 1)
        }
        let name = String(decoding: buffer.prefix { $0 != 0 }, as: UTF8.self)
        return status == 0 && GatewayConfiguration.isValid(name: name) ? name : "postern"
    }
}
