internal import PosternPolicy

/// A `.drone.yml`: each document of `kind: pipeline` has steps, services and volumes of its own.
struct DroneReader {
    private(set) var content = DeployContent()
    private let file: DeployFile

    init(file: DeployFile) {
        self.file = file
        for document in file.documents where document["kind"]?.text == "pipeline" || document["steps"] != nil {
            let pipeline = Self.triggers(document["trigger"])
            let steps = document["steps"]?.elements ?? []
            // A step that is detached goes on beside the others.
            let detached = steps.filter { $0["detach"]?.text == "true" }
            let services = ((document["services"]?.elements ?? []) + detached).map { service($0) }
            content.services += services
            for step in steps {
                var job = job(step, of: document)
                job.services = services
                job.pullRequests = Self.both(pipeline, Self.triggers(step["when"]))
                content.jobs.append(job)
            }
        }
    }

    private func job(_ step: DeployNode, of document: DeployNode) -> DeployJob {
        var job = DeployJob(
            name: step["name"]?.text ?? step["image"]?.text ?? "",
            location: (step["name"] ?? step).location
        )
        job.scripts = DeployScript.scripts(step["commands"], in: file)
        job.scripts += DeployScript.scripts(step.at("settings", "script"), in: file)
        job.environment =
            EnvironmentEntry.entries(step["environment"]) + EnvironmentEntry.entries(document["environment"])
        job.secrets = Self.secrets(in: step)
        job.mounts = Self.mounts(of: step)
        return job
    }

    private func service(_ node: DeployNode) -> DeployService {
        var service = DeployService(
            name: node["name"]?.text ?? "",
            location: (node["name"] ?? node).location
        )
        service.image = node["image"]?.text.flatMap(ImageReference.init)
        service.imageLocation = node["image"]?.location
        service.environment = EnvironmentEntry.entries(node["environment"])
        service.mounts = Self.mounts(of: node)
        service.isThrowaway = true
        return service
    }

    static func mounts(of step: DeployNode) -> [DeployMount] {
        (step["volumes"]?.elements ?? []).compactMap { volume in
            guard let name = volume["name"]?.text, let path = volume["path"]?.text else { return nil }
            return DeployMount(
                source: .pipeline(name),
                target: path,
                location: (volume["name"] ?? volume).location
            )
        }
    }

    private static func secrets(in step: DeployNode) -> [(name: String, location: SourceLocation)] {
        step.scalars().filter { $0.key == "from_secret" }.compactMap { entry in
            entry.node.text.map { ($0, entry.node.location) }
        }
    }

    /// Whether pull requests pass a `trigger` or `when`. `branch` does not keep them out: it is the branch that they are to
    /// be merged into.
    static func triggers(_ condition: DeployNode?) -> DeployJob.PullRequests? {
        guard let condition else { return .unrestricted }
        if let reference = condition["ref"] {
            let wanted = (reference["include"] ?? reference).texts
            let takesNone = wanted.allSatisfy { $0.hasPrefix("refs/heads/") || $0.hasPrefix("refs/tags/") }
            if !wanted.isEmpty, takesNone { return nil }
        }
        guard let event = condition["event"] else { return .unrestricted }
        let excluded = event["exclude"]?.texts ?? []
        if excluded.contains("pull_request") { return nil }
        let included = event.isMapping ? event["include"]?.texts ?? [] : event.texts
        if included.isEmpty { return .unrestricted }
        return included.contains { $0 == "pull_request" || $0 == "*" } ? .named : nil
    }

    /// A step runs where its pipeline and its own condition let it.
    static func both(
        _ first: DeployJob.PullRequests?,
        _ second: DeployJob.PullRequests?
    ) -> DeployJob.PullRequests? {
        switch (first, second) {
        case (nil, _), (_, nil): nil
        case (.named, _), (_, .named): .named
        case (.unrestricted, .unrestricted): .unrestricted
        }
    }
}
