/// What a file is, and so who reads it.
package enum DeployFileKind: String, Hashable, Sendable, CaseIterable {
    case compose
    case drone
    case github
    case gitlab
    case woodpecker
    /// A script that pipelines call.
    case shell

    /// What the name says by itself; nil when it says nothing.
    package static func named(_ path: String) -> DeployFileKind? {
        let parts = path.split(separator: "/").map(String.init)
        guard let name = parts.last?.lowercased() else { return nil }
        if name.hasSuffix(".sh") || name.hasSuffix(".bash") { return .shell }
        guard let stem = stem(of: name) else { return nil }
        let folders = parts.dropLast()
        if stem == ".drone" || stem == "drone" || stem.hasPrefix(".drone.") { return .drone }
        if stem == ".gitlab-ci" || stem == "gitlab-ci" || stem.hasSuffix(".gitlab-ci") { return .gitlab }
        if stem == ".woodpecker" || stem == "woodpecker" || folders.contains(".woodpecker") { return .woodpecker }
        if folders.suffix(2) == [".github", "workflows"] || folders.suffix(2) == [".forgejo", "workflows"]
            || folders.suffix(2) == [".gitea", "workflows"] || stem == "github-actions"
        {
            return .github
        }
        let isCompose = ["compose", "docker-compose", "podman-compose"].contains { word in
            stem == word || stem.hasPrefix(word + ".") || stem.hasPrefix(word + "-") || stem.hasSuffix("." + word)
                || stem.hasSuffix("-" + word)
        }
        return isCompose ? .compose : nil
    }

    /// Whether a search through folders reads it at all, to see what it is.
    package static func isCandidate(_ path: String) -> Bool {
        let name = path.split(separator: "/").last.map { $0.lowercased() } ?? ""
        return name.hasSuffix(".sh") || name.hasSuffix(".bash") || stem(of: name) != nil
    }

    /// The name without `.yml` or `.yaml`; nil where it is no YAML.
    private static func stem(of name: String) -> String? {
        for ending in [".yml", ".yaml"] where name.hasSuffix(ending) { return String(name.dropLast(ending.count)) }
        return nil
    }

    /// What the content says, where the name said nothing.
    static func of(_ documents: [DeployNode]) -> DeployFileKind? {
        if documents.contains(where: { $0["kind"]?.text == "pipeline" && ($0["steps"] != nil || $0["type"] != nil) }) {
            return .drone
        }
        guard let root = documents.first, root.isMapping else { return nil }
        if root["jobs"]?.isMapping == true, root["on"] != nil { return .github }
        if let steps = root["steps"], root["kind"] == nil, root["apiVersion"] == nil {
            let all = steps.elements + steps.members.map(\.value)
            if !all.isEmpty, all.allSatisfy({ $0["image"] != nil }) { return .woodpecker }
        }
        if root["services"]?.isMapping == true, root["steps"] == nil,
            root["services"]?.members.contains(where: { $0.value["image"] != nil || $0.value["build"] != nil }) == true
        {
            return .compose
        }
        let hasScript = root.members.contains { $0.value["script"] != nil && !$0.key.isEmpty }
        return hasScript && root["apiVersion"] == nil ? .gitlab : nil
    }
}
