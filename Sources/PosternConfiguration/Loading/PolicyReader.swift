internal import PosternPolicy

/// Turns policy files into roles.
enum PolicyReader {
    static let fileKeys: [Key] = [.required("roles")]

    /// All roles of one file. Whether their databases exist is checked with the configuration.
    static func roles(of file: PolicyFile, shownAs path: String, log: DiagnosticLog) -> [Role] {
        guard let root = YAMLDocument.read(file.contents, file: path, log: log) else { return [] }
        if case .null = root.content {
            log.warning(root.location, "the file has no roles")
            return []
        }
        if case .mapping(let members) = root.content,
            let tests = members.first(where: { $0.key == "tests" })
        {
            log.error(
                tests.location,
                "tests do not belong into a policy file",
                hint: "name the file `*_test.yaml`"
            )
            return []
        }
        guard let mapping = YAMLMapping(root, keys: fileKeys, what: "a policy file", log: log),
            let node = mapping.node("roles"),
            let roles = YAMLMapping(any: node, what: "`roles`", log: log)
        else { return [] }
        return roles.members.compactMap { Role.decode($0, log: log) }
    }
}

/// The one way from bytes to nodes.
package enum YAMLDocument {
    static func read(_ bytes: [UInt8], file: String, log: DiagnosticLog) -> YAMLNode? {
        guard String(validating: bytes, as: UTF8.self) != nil else {
            log.add(Diagnostic(.error, file: file, "the file is not UTF-8"))
            return nil
        }
        return YAMLComposer.compose(bytes, file: file, log: log)
    }

    /// Reads a text by itself, for tools and tests.
    ///
    /// - Returns: the root, nil when the text is not YAML, and everything that is wrong with it.
    package static func parse(_ text: String, file: String) -> (
        root: YAMLNode?, diagnostics: [Diagnostic]
    ) {
        let log = DiagnosticLog()
        let root = read(Array(text.utf8), file: file, log: log)
        return (root, log.diagnostics)
    }
}
