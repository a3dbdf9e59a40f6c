internal import PosternPolicy

/// Rules about what pull requests get.
extension DeployRule {
    static let pullRequests = [pullRequestHead, pullRequestSecret]

    static let pullRequestHead = ofFiles(
        "secrets/pull-request-head",
        .error,
        "A stranger's code runs where the secrets are",
        reason: """
            `pull_request_target` and `workflow_run` run with the repository's own secrets and identity. With the pull request's \
            code checked out there, whoever opens one decides what is done with them.
            """,
        kinds: [.github]
    ) { file, _ in
        guard let root = file.documents.first else { return [] }
        let events = GitHubReader.events(root["on"])
        guard let event = ["pull_request_target", "workflow_run"].first(where: events.contains) else { return [] }
        return (root["jobs"]?.members ?? []).compactMap { member in
            let job = member.value
            guard !keepsForksOut(job["if"]?.text ?? ""), let place = headCheckout(in: job, of: file) else { return nil }
            let hasToken = [job, root].contains { node in
                node["permissions"]?.text == "write-all"
                    || (node["permissions"]?.members ?? []).contains { $0.value.text == "write" }
            }
            let secrets = GitHubReader.secrets(in: job) + GitHubReader.secrets(in: root["env"] ?? job)
            guard hasToken || !secrets.isEmpty || job["environment"] != nil else { return nil }
            return Complaint(
                place,
                "the job `\(member.key)` checks out the pull request's code under `\(event)`, with "
                    + (hasToken ? "an identity of the repository" : "its secrets"),
                hint: "use `pull_request`, or do what needs secrets in a job that runs no code of the pull request"
            )
        }
    }

    private static func keepsForksOut(_ condition: String) -> Bool {
        // Behind an `||` it keeps nobody out.
        guard !condition.contains("||") else { return false }
        return condition.contains("head.repo.full_name == github.repository")
            || condition.contains("head.repo.full_name == 'github.repository'")
            || condition.contains("head.repo.fork == false")
            || condition.contains("!github.event.pull_request.head.repo.fork")
            || condition.contains("head_repository.full_name == github.repository")
    }

    /// Where a job takes the code of the pull request.
    private static func headCheckout(in job: DeployNode, of file: DeployFile) -> SourceLocation? {
        if job["uses"] != nil {
            // A workflow that is told to take it.
            return (job["with"]?.members ?? []).first { isHead($0.value.text ?? "") }?.value.location
        }
        for step in job["steps"]?.elements ?? [] {
            let references = [step.at("with", "ref"), step.at("with", "repository")].compactMap { $0 }
            if step["uses"]?.text?.contains("/checkout@") == true,
                let reference = references.first(where: { isHead($0.text ?? "") })
            {
                return reference.location
            }
            for script in DeployScript.scripts(step["run"], in: file) {
                let found = script.commands.first { command in
                    let words = command.texts
                    return (command.name == "gh" && words.dropFirst().starts(with: ["pr", "checkout"]))
                        || (command.name == "git" && words.contains { isHead($0) || $0.hasPrefix("pull/") })
                }
                if let found { return script.location(of: found) }
            }
        }
        return nil
    }

    private static func isHead(_ text: String) -> Bool {
        [
            "github.event.pull_request.head", "github.head_ref", "refs/pull/", "github.event.workflow_run.head",
            "github.event.pull_request.merge_commit_sha", "GITHUB_HEAD_REF",
        ]
        .contains(where: text.contains)
    }

    static let pullRequestSecret = ofFiles(
        "secrets/pull-request",
        .warning,
        "A job that runs for pull requests takes secrets",
        reason: """
            The pull request's author writes what the job runs. Whether the secret is held back then is decided by a flag that \
            this file does not show, and that somebody sets when such a job fails.
            """,
        kinds: [.drone, .woodpecker, .gitlab]
    ) { file, _ in
        file.content.jobs.compactMap { job in
            guard let pullRequests = job.pullRequests, let secret = job.secrets.first else { return nil }
            let others = Set(job.secrets.map(\.name)).count - 1
            let names = "`\(secret.name)`" + (others > 0 ? " and \(others) more" : "")
            let cause: String
            switch pullRequests {
            case .named: cause = "runs for pull requests"
            case .unrestricted: cause = "does not leave pull requests out"
            }
            return Complaint(
                secret.location,
                "the job `\(job.name)` takes the secret \(names) and \(cause)",
                hint: hint(file.kind)
            )
        }
    }

    private static func hint(_ kind: DeployFileKind) -> String {
        switch kind {
        case .drone:
            "add `trigger: {event: [push, tag]}`; `branch` does not leave them out, it is the branch they aim at"
        case .woodpecker: "add `when: [{event: [push, tag]}]`"
        case .gitlab, .github, .compose, .shell: "give the secret to jobs of protected branches only"
        }
    }
}
