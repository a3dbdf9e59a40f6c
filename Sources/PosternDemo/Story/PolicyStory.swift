internal import PosternConfiguration
internal import PosternNet
internal import PosternPolicy
internal import PosternSQL

/// What the demo's policy says of a statement, in the words of `postern policy explain`.
package struct PolicyStory: Sendable {
    private let folder: String
    // The parser keeps state for each thread that calls it: one is enough.
    private let parser = FixedThreads(label: "postern.demo.parser", count: 1, capacity: 1)

    /// - Parameter folder: the one that holds `postern.yaml`.
    package init(folder: String) {
        self.folder = folder
    }

    /// Decides as the gateway does, with every rule that was tried. Reads the files.
    ///
    /// - Returns: lines for a person; files are named as seen from the folder.
    /// - Throws: `DemoError` when the policies cannot be loaded or have no such role.
    package func explain(_ sql: String, role name: String) async throws(DemoError) -> String {
        let (workspace, diagnostics) = PolicyWorkspace.load(
            config: "\(folder)/\(DemoSite.configurationName)",
            paths: []
        )
        guard let workspace, let role = workspace.role(named: name) else {
            throw DemoError("the policy has no role `\(name)`: \(DiagnosticRenderer.pretty(diagnostics))")
        }
        let text = Array(sql.utf8)
        let explanation = await parser.run {
            let database = workspace.judgedDatabase(of: role)
            return RoleJudge(role: role, database: database, catalog: nil).explain(
                Result { () throws(AnalysisError) in try SQLAnalyzer.analyze(text) },
                byteCount: text.count,
                paths: SearchPaths(own: database.searchPath)
            )
        }
        guard let explanation else { throw DemoError("the parser is busy") }
        return explanation.text.replacing("\(folder)/", with: "")
    }
}
