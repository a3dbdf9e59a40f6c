internal import PosternPolicy

/// A workflow of Woodpecker: steps and services as lists or mappings, `when` as one filter or several.
struct WoodpeckerReader {
    private(set) var content = DeployContent()
    private let file: DeployFile

    init(file: DeployFile) {
        self.file = file
        guard let root = file.documents.first else { return }
        let workflow = Self.triggers(root["when"])
        let services = Self.named(root["services"]).map { service($0.name, $0.node) }
        content.services = services
        for (name, step) in Self.named(root["steps"] ?? root["pipeline"]) {
            var job = DeployJob(name: name, location: (step["name"] ?? step).location)
            job.scripts = DeployScript.scripts(step["commands"], in: file)
            job.scripts += DeployScript.scripts(step.at("settings", "script"), in: file)
            job.environment = EnvironmentEntry.entries(step["environment"])
            job.secrets = Self.secrets(in: step)
            job.mounts = Self.mounts(of: step)
            job.services = services
            job.pullRequests = DroneReader.both(workflow, Self.triggers(step["when"]))
            content.jobs.append(job)
        }
    }

    /// Steps by name, whether they are a list of mappings or a mapping of them.
    private static func named(_ node: DeployNode?) -> [(name: String, node: DeployNode)] {
        guard let node else { return [] }
        return node.elements.map { ($0["name"]?.text ?? $0["image"]?.text ?? "", $0) }
            + node.members.map { ($0.key, $0.value) }
    }

    private func service(_ name: String, _ node: DeployNode) -> DeployService {
        var service = DeployService(name: name, location: (node["name"] ?? node).location)
        service.image = node["image"]?.text.flatMap(ImageReference.init)
        service.imageLocation = node["image"]?.location
        service.environment = EnvironmentEntry.entries(node["environment"])
        service.mounts = Self.mounts(of: node)
        service.isThrowaway = true
        return service
    }

    /// `SOURCE:TARGET`, as Docker takes it.
    private static func mounts(of step: DeployNode) -> [DeployMount] {
        (step["volumes"]?.oneOrMany ?? []).compactMap { volume in
            volume.text.map { ComposeReader.short($0, at: volume.location) }
        }
    }

    private static func secrets(in step: DeployNode) -> [(name: String, location: SourceLocation)] {
        let taken = step.scalars().filter { $0.key == "from_secret" }.compactMap { entry in
            entry.node.text.map { (name: $0, location: entry.node.location) }
        }
        // Before version 3: a list of names.
        let listed = (step["secrets"]?.elements ?? []).compactMap { element in
            (element.text ?? element["source"]?.text).map { (name: $0, location: element.location) }
        }
        return taken + listed
    }

    /// One filter that lets pull requests pass is enough.
    static func triggers(_ when: DeployNode?) -> DeployJob.PullRequests? {
        guard let when, !when.isNull else { return .unrestricted }
        let results = when.oneOrMany.map { filter -> DeployJob.PullRequests? in
            guard let event = filter["event"] else { return .unrestricted }
            return event.texts.contains { $0.hasPrefix("pull_request") } ? .named : nil
        }
        return results.compactMap { $0 }.first
    }
}
