import PosternDeployLint
import PosternPolicy

/// What the linter finds in files, by name and text: `line:column rule`, behind the file's name where there are several.
func findings(_ files: KeyValuePairs<String, String>, context: Set<String> = []) -> [String] {
    let read = files.compactMap { name, text in
        DeployFile(path: name, contents: Array(text.utf8), kind: nil, isContext: context.contains(name))
    }
    return DeployLinter.findings(in: DeploySubject(read)).map { finding in
        let file = files.count > 1 ? finding.location.file + ":" : ""
        return "\(file)\(finding.location.line):\(finding.location.column) \(finding.rule)"
    }
}

/// The rules that speak, each once.
func rules(_ files: KeyValuePairs<String, String>) -> Set<String> {
    Set(findings(files).compactMap { $0.split(separator: " ").last.map(String.init) })
}

/// A compose file of one database.
func compose(image: String = "postgres:17.5", volumes: String = "", more: String = "") -> String {
    """
    name: shop
    services:
      db:
        image: \(image)
        volumes: [\(volumes)]
        \(more)
    volumes: {db-data: }
    """
}

/// A pipeline that runs a script on pushes.
func pipeline(_ script: String) -> String {
    let lines = script.split(separator: "\n", omittingEmptySubsequences: false).map { "          \($0)" }
    return """
        kind: pipeline
        trigger: {event: [push]}
        steps:
          - name: deploy
            image: docker:28.5
            commands:
              - |

        """ + lines.joined(separator: "\n") + "\n"
}
