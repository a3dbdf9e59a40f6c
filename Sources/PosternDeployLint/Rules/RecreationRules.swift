internal import PosternPolicy

/// Rules about commands that make containers anew.
extension DeployRule {
    static let recreation = [recreatesContainers]

    static let recreatesContainers = ofCommands(
        "commands/recreates-containers",
        .error,
        "A script makes containers anew whose data is in them",
        reason: """
            `--force-recreate` and `--renew-anon-volumes` throw the old container, or its volumes without a name, away. What a \
            database kept there is gone; on a named volume it stays.
            """
    ) { command, _, subject in
        guard let container = ContainerCommand(command), container.verbs.starts(with: ["compose", "up"]) else {
            return nil
        }
        let renews = container.has("-V", "--renew-anon-volumes")
        guard renews || container.has("--force-recreate") else { return nil }
        let files = subject.composeFiles(of: container) ?? []
        let unsafe = files.flatMap(\.content.services).first { service in
            service.isUnsafeToRecreate(renewingVolumes: renews)
        }
        let option = renews ? "--renew-anon-volumes" : "--force-recreate"
        if let unsafe {
            return (
                "`\(option)` takes the data of `\(unsafe.name)` away, which is on no named volume",
                "mount a named volume where `\(unsafe.name)` keeps its data"
            )
        }
        guard renews, files.isEmpty else { return nil }
        return (
            "`\(option)` takes away what is in volumes without a name",
            "leave it out, or look at the compose file together with this one"
        )
    }
}

extension DeployService {
    /// Its data does not outlive the container.
    fileprivate func isUnsafeToRecreate(renewingVolumes: Bool) -> Bool {
        guard let engine else { return false }
        if DataGap(self) != nil { return !engine.isOftenCache }
        return dataMounts.contains { mount in
            switch mount.source {
            case .anonymous: renewingVolumes
            case .bind(let path): HostPath.isRelative(path) || HostPath.isTemporary(path)
            case .volume, .memory, .pipeline, .unknown: false
            }
        }
    }
}
