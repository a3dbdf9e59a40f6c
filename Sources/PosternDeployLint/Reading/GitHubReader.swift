internal import PosternPolicy

/// A workflow of GitHub Actions, Forgejo or Gitea.
struct GitHubReader {
    private(set) var content = DeployContent()
    private let file: DeployFile

    init(file: DeployFile) {
        self.file = file
        guard let root = file.documents.first else { return }
        let events = Self.events(root["on"])
        let shared = EnvironmentEntry.entries(root["env"])
        for member in root["jobs"]?.members ?? [] {
            let node = member.value
            let services = (node["services"]?.members ?? []).map { service($0) }
            content.services += services
            var job = DeployJob(name: member.key, location: member.location)
            job.environment = EnvironmentEntry.entries(node["env"]) + shared
            job.services = services
            for step in node["steps"]?.elements ?? [] {
                job.scripts += DeployScript.scripts(step["run"], in: file)
                // What actions take as a script is one for a shell, but for the one whose name says otherwise.
                if step["uses"]?.text?.contains("github-script") != true {
                    for input in ["script", "command", "run"] {
                        job.scripts += DeployScript.scripts(step.at("with", input), in: file)
                    }
                }
                job.environment += EnvironmentEntry.entries(step["env"])
            }
            job.secrets = Self.secrets(in: node)
            // GitHub itself gives no secret to `pull_request` of a fork.
            job.pullRequests = events.contains("pull_request_target") ? .named : nil
            content.jobs.append(job)
        }
    }

    /// `on` is a word, a list, or a mapping.
    static func events(_ node: DeployNode?) -> [String] {
        guard let node else { return [] }
        return node.isMapping ? node.members.map(\.key) : node.texts
    }

    static func secrets(in node: DeployNode) -> [(name: String, location: SourceLocation)] {
        let inherited =
            node["secrets"]?.text == "inherit" ? node["secrets"].map { [("inherit", $0.location)] } ?? [] : []
        return inherited
            + node.scalars().filter { EnvironmentEntry.refersToSecret($0.node.text ?? "") }.map { entry in
                (name: entry.key ?? "", location: entry.node.location)
            }
    }

    private func service(_ member: DeployMember) -> DeployService {
        var service = DeployService(name: member.key, location: member.location)
        let image = member.value["image"] ?? member.value
        service.image = image.text.flatMap(ImageReference.init)
        service.imageLocation = image.location
        service.environment = EnvironmentEntry.entries(member.value["env"])
        service.mounts = (member.value["volumes"]?.elements ?? []).compactMap { volume in
            volume.text.map { ComposeReader.short($0, at: volume.location) }
        }
        service.isThrowaway = true
        return service
    }
}
