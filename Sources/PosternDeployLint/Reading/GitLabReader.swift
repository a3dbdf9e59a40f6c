internal import PosternPolicy

/// A `.gitlab-ci.yml`: every top-level mapping with a script is a job, `.hidden` ones too.
struct GitLabReader {
    private(set) var content = DeployContent()
    private let file: DeployFile
    private let roots: [DeployNode]

    private static let reserved: Set<String> = [
        "default", "include", "stages", "variables", "workflow", "spec", "image", "services", "cache", "before_script",
        "after_script", "pages:deploy",
    ]

    /// `extends` of `extends`.
    private static let maximumExtends = 8

    init(file: DeployFile) {
        self.file = file
        // A component's file has its `spec` in a document before.
        roots = file.documents
        for root in roots {
            let globals = [root["default"], root].compactMap { $0 }
            let shared = EnvironmentEntry.entries(root["variables"])
            let common = globals.compactMap { $0["services"] }.first.map(services) ?? []
            let workflow = Self.rules(root.at("workflow", "rules"))
            content.services += common
            for key in ["before_script", "after_script"] {
                guard let node = globals.compactMap({ $0[key] }).first else { continue }
                var job = DeployJob(name: key, location: node.location)
                job.scripts = DeployScript.scripts(node, in: file)
                job.environment = shared
                job.services = common
                content.jobs.append(job)
            }
            for member in root.members where member.value.isMapping && !Self.reserved.contains(member.key) {
                content.jobs.append(job(member, in: root, shared: shared, common: common, workflow: workflow))
            }
        }
    }

    private mutating func job(
        _ member: DeployMember,
        in root: DeployNode,
        shared: [EnvironmentEntry],
        common: [DeployService],
        workflow: DeployJob.PullRequests?
    ) -> DeployJob {
        let layers = layers(of: member.value, in: root, depth: 0)
        var job = DeployJob(name: member.key, location: member.location)
        // The scripts of what it extends are found there.
        for key in ["before_script", "script", "after_script"] {
            job.scripts += DeployScript.scripts(member.value[key], in: file)
        }
        job.environment = layers.flatMap { EnvironmentEntry.entries($0["variables"]) } + shared
        if let own = layers.compactMap({ $0["services"] }).first {
            job.services = services(own)
            if member.value["services"] != nil { content.services += job.services }
        } else {
            job.services = common
        }
        job.secrets = layers.flatMap { $0["secrets"]?.members ?? [] }.map { ($0.key, $0.location) }
        let isHidden = member.key.hasPrefix(".")
        let own = Self.pullRequests(layers)
        job.pullRequests = isHidden ? nil : own ?? (Self.hasRules(layers) ? nil : workflow)
        return job
    }

    private func layers(of node: DeployNode, in root: DeployNode, depth: Int) -> [DeployNode] {
        guard depth < Self.maximumExtends, let extends = node["extends"] else { return [node] }
        // The last one wins.
        return [node]
            + extends.texts.reversed().compactMap { root[$0] }.flatMap { layers(of: $0, in: root, depth: depth + 1) }
    }

    private static func hasRules(_ layers: [DeployNode]) -> Bool {
        layers.contains { $0["rules"] != nil || $0["only"] != nil || $0["except"] != nil }
    }

    /// Whether a job runs in merge-request pipelines: only where it, or the workflow, says so.
    private static func pullRequests(_ layers: [DeployNode]) -> DeployJob.PullRequests? {
        if let rules = layers.compactMap({ $0["rules"] }).first { return Self.rules(rules) }
        guard let only = layers.compactMap({ $0["only"] }).first else { return nil }
        let references = only.isMapping ? only["refs"]?.texts ?? [] : only.texts
        return references.contains("merge_requests") ? .named : nil
    }

    private static func rules(_ rules: DeployNode?) -> DeployJob.PullRequests? {
        let takes = (rules?.elements ?? []).contains { rule in
            guard rule["when"]?.text != "never", let condition = rule["if"]?.text else { return false }
            let isMergeRequest =
                (condition.contains("merge_request_event") && !condition.contains("!= \"merge_request_event\"")
                    && !condition.contains("!= 'merge_request_event'"))
                || condition.contains("$CI_MERGE_REQUEST_")
            return isMergeRequest && !condition.contains("CI_MERGE_REQUEST_SOURCE_PROJECT_ID")
        }
        return takes ? .named : nil
    }

    private func services(_ node: DeployNode) -> [DeployService] {
        node.elements.map { element in
            let image = element["name"] ?? element
            let reference = image.text.flatMap(ImageReference.init)
            var service = DeployService(
                name: element["alias"]?.text ?? reference?.repository.replacing("/", with: "-") ?? "",
                location: element.location
            )
            service.image = reference
            service.imageLocation = image.location
            service.environment = EnvironmentEntry.entries(element["variables"])
            service.isThrowaway = true
            return service
        }
    }
}
