internal import PosternCore

/// Rules about single CI systems.
extension LintRule {
    static let identityPlatforms = [
        environmentWithoutRef, reusableWorkflow, selfHostedRunner, gitlabRefKind, circleciOrigin, kubernetesUID,
    ]

    static let environmentWithoutRef = ofEntries(
        "identity/environment-without-ref",
        .warning,
        "An environment is asked for, but no branch",
        reason: """
            Which branches may deploy to an environment is a setting of the repository, which its administrators change \
            without a review. A ref in the policy holds whatever they do.
            """
    ) { view in
        guard let claim = ["environment", "deploymentEnvironmentUuid", "deploy_to"].compactMap(view.claim).first else {
            return []
        }
        let refs = ["ref", "ref_path", "ref_protected", "branch", "branchName", "environment_protected"]
        guard !refs.contains(where: view.names) else { return [] }
        return [
            Complaint(
                claim.location,
                "`\(claim.name)` without a ref: any branch that the environment's settings let in matches",
                hint: "add `ref`"
            )
        ]
    }

    static let reusableWorkflow = ofEntries(
        "identity/reusable-workflow",
        .warning,
        "A reusable workflow is asked for, but not its caller, or not one version of it",
        reason: """
            `job_workflow_ref` says which code runs, not for whom: any repository can call a public reusable workflow. And \
            a branch of it is whatever was pushed there last.
            """
    ) { view in
        guard let claim = view.claim("job_workflow_ref") else { return [] }
        if !["repository_owner_id", "repository_id", "enterprise_id"].contains(where: view.pins) {
            return [
                Complaint(
                    claim.location,
                    "`job_workflow_ref` says which workflow runs, and not for whom",
                    hint: "add `repository_owner_id` or `repository_id`"
                )
            ]
        }
        let onBranch = claim.matcher.alternatives.contains { alternative in
            switch alternative {
            case .exactly(.string(let text)): text.contains("@refs/heads/")
            case .glob(let glob): glob.pattern.contains("@refs/heads/")
            case .exactly, .contains, .anyOf: false
            }
        }
        guard onBranch, !view.names("job_workflow_sha") else { return [] }
        return [
            Complaint(
                claim.location,
                "the workflow is taken from a branch, so that whoever pushes there changes what runs",
                hint: "use a tag, or add `job_workflow_sha`"
            )
        ]
    }

    static let selfHostedRunner = ofEntries(
        "identity/self-hosted-runner",
        .warning,
        "Jobs on self-hosted runners of GitHub are let in",
        reason:
            "A self-hosted runner keeps what earlier jobs left on it, and a job of another branch may have left something."
    ) { view in
        guard view.kind == .github, let claim = view.claim("runner_environment"), claim.accepts("self-hosted") else {
            return []
        }
        return [
            Complaint(
                claim.location,
                "`self-hosted` runners keep what earlier jobs left behind",
                hint: "use `github-hosted`, or runners that are made anew for each job"
            )
        ]
    }

    static let gitlabRefKind = ofEntries(
        "identity/gitlab-ref-kind",
        .warning,
        "A ref of GitLab is asked for, but not whether it is a branch or a tag",
        reason:
            "GitLab's `ref` is the short name: a tag named `main` has the ref `main` too, and who may push tags may be many."
    ) { view in
        guard view.kind == .gitlab, let claim = view.claim("ref") else { return [] }
        guard !["ref_type", "ref_path", "ref_protected"].contains(where: view.names) else { return [] }
        return [
            Complaint(
                claim.location,
                "`ref` without `ref_type`: a tag of that name matches too",
                hint: "add `ref_protected: \"true\"`, or use `ref_path`"
            )
        ]
    }

    static let circleciOrigin = ofEntries(
        "identity/circleci-origin",
        .warning,
        "An entry for CircleCI lets forks or SSH reruns in",
        reason: """
            A fork's build can have tokens of the project when it is allowed secrets, and a rerun with SSH gives a person a \
            shell that holds the token.
            """
    ) { view in
        guard view.kind == .circleci, !view.isGuarded else { return [] }
        let origin = "oidc.circleci.com/vcs-origin"
        let rerun = "oidc.circleci.com/ssh-rerun"
        var missing: [String] = []
        if !view.names(origin) { missing.append("`\(origin)`, which tells forks apart") }
        let excludesSSH = view.claim(rerun).map { !$0.matcher.matches(.bool(true)) } ?? false
        if !excludesSSH { missing.append("`\(rerun): false`, which keeps shells out") }
        guard !missing.isEmpty else { return [] }
        return [
            Complaint(
                view.entry.location,
                "the entry does not ask for " + missing.joined(separator: ", and not for "),
                hint: "add \(missing.count == 1 ? "it" : "both"), the name in quotes"
            )
        ]
    }

    static let kubernetesUID = ofEntries(
        "identity/kubernetes-uid",
        .warning,
        "A service account is named without its uid",
        reason:
            "Who deletes a service account and makes another of the same name has its rights. The uid is never used again."
    ) { view in
        guard view.kind == .kubernetes, !view.pins("/kubernetes.io/serviceaccount/uid") else { return [] }
        guard let first = view.entry.claims.first else { return [] }
        return [
            Complaint(
                first.location,
                "a service account of this name can be made anew",
                hint: "add `\"/kubernetes.io/serviceaccount/uid\"`; `kubectl get serviceaccount NAME -o yaml` shows it"
            )
        ]
    }
}
