internal import PosternPolicy

/// Turns `*_test.yaml` files into tests.
enum PolicyTestReader {
    static let fileKeys: [Key] = [.required("tests")]
    static let maximumTests = 10_000

    /// All tests of one file. Whether their roles exist is checked with the roles.
    static func tests(of contents: [UInt8], shownAs path: String, log: DiagnosticLog) -> [PolicyTest] {
        guard let root = YAMLDocument.read(contents, file: path, log: log) else { return [] }
        if case .null = root.content {
            log.warning(root.location, "the file has no tests")
            return []
        }
        if case .mapping(let members) = root.content,
            let roles = members.first(where: { $0.key == "roles" })
        {
            log.error(
                roles.location,
                "roles do not belong into a file of tests",
                hint: "a gateway does not read it"
            )
            return []
        }
        guard let mapping = YAMLMapping(root, keys: fileKeys, what: "a file of tests", log: log) else {
            return []
        }
        let tests = mapping.list("tests", limit: maximumTests) { PolicyTest.decode($0, log: log) } ?? []
        var seen: [String: SourceLocation] = [:]
        for test in tests where !test.name.isEmpty {
            guard let first = seen.updateValue(test.location, forKey: test.name) else { continue }
            log.error(
                test.location,
                "test `\(test.name)` is there twice",
                hint: "the first is at line \(first.line)"
            )
        }
        return tests
    }
}
