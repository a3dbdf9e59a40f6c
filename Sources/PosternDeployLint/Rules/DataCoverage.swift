internal import PosternPolicy

/// Rules about databases whose data lies on no mount at all.
extension DeployRule {
    static let dataCoverage = [noVolume, outsideVolume, pipelinePath, socketPath]

    static let noVolume = ofDatabases(
        "data/no-volume",
        .error,
        "A database has no volume",
        reason: """
            Its data is in the container, or in an anonymous volume that the image declares: with the container's end the way \
            to it is lost.
            """
    ) { service in
        guard let gap = DataGap(service), gap.stray == nil, !gap.engine.isOftenCache, !service.isPartial else {
            return []
        }
        return [
            Complaint(
                service.location,
                "nothing is mounted where `\(service.name)` keeps its data, `\(gap.path)`",
                hint: "mount a named volume: `\(volumeName(service)):\(gap.mountPoint)`; "
                    + "where the data may go, say so: `tmpfs: \(gap.mountPoint)`"
            )
        ]
    }

    static let outsideVolume = ofDatabases(
        "data/outside-volume",
        .error,
        "A database keeps its data beside its volume",
        reason: """
            The volume stays, and is empty: the data is elsewhere in the container and goes with it. PostgreSQL's images moved \
            theirs with version 18, and a volume on the folder above the one that an image declares does not reach it.
            """
    ) { service in
        guard let gap = DataGap(service), let stray = gap.stray, !service.isPartial else { return [] }
        return [complaint(service, gap, stray)]
    }

    static let pipelinePath = ofServices(
        "data/pipeline-path",
        .error,
        "A volume of a pipeline is not where its database keeps its data",
        reason: """
            Somebody mounted a volume so that the data stays between steps or runs. It is at another path than the database's, \
            so what stays is an empty folder.
            """
    ) { service in
        guard service.isThrowaway, let gap = DataGap(service), let stray = gap.stray else { return [] }
        return [complaint(service, gap, stray)]
    }

    static let socketPath = ofJobs(
        "data/socket-path",
        .error,
        "A job starts a container on the host with a path of its own",
        reason: """
            Through the host's Docker socket a path means the host's, not the job's: `$PWD` and relative paths name a folder \
            that Docker makes there, empty, beside the one that was meant.
            """
    ) { job, subject in
        guard job.mounts.contains(where: { $0.target.hasSuffix("/docker.sock") }) else { return [] }
        return job.commands.flatMap { script, command -> [Complaint] in
            guard let container = ContainerCommand(command) else { return [] }
            let mounted = container.mounts.compactMap { entry -> Complaint? in
                guard case .bind(let path) = entry.mount.source,
                    !path.hasSuffix(".sock"), HostPath.isRelative(path) || HostPath.isTemporary(path)
                else { return nil }
                return Complaint(
                    script.location(of: entry.word),
                    "`\(path)` is looked for on the host of the runner, not in this job",
                    hint: "use a named volume, or copy what the container needs into its image"
                )
            }
            guard container.verbs.starts(with: ["compose", "up"]),
                let service = subject.composeFiles(of: container)?.flatMap(\.content.services).first(where: {
                    $0.dataMounts.contains { mount in
                        if case .bind(let path) = mount.source { HostPath.isRelative(path) } else { false }
                    }
                })
            else { return mounted }
            return mounted + [
                Complaint(
                    script.location(of: command),
                    "the relative path of the data of `\(service.name)` is looked for on the host of the runner",
                    hint: "use a named volume for the data"
                )
            ]
        }
    }

    private static func complaint(_ service: DeployService, _ gap: DataGap, _ stray: DeployMount) -> Complaint {
        let cause: String
        if DeployService.contains(stray.target, gap.path) {
            cause = "the image declares a volume of its own at `\(gap.mountPoint)`, below `\(stray.target)`"
        } else {
            cause = "`\(stray.target)` is not where \(gap.engine.name) keeps it"
        }
        return Complaint(
            stray.location,
            "the data of `\(service.name)` is in `\(gap.path)`, outside of every volume: \(cause)",
            hint: "mount the volume at `\(gap.mountPoint)`"
        )
    }
}

/// A database's data path that no mount holds.
struct DataGap {
    let engine: DatabaseEngine
    let path: String
    /// A mount that was most likely meant for the data.
    let stray: DeployMount?

    /// - Returns: nil when the data is on a mount, or nobody knows here where it is.
    init?(_ service: DeployService) {
        guard let engine = service.engine, let path = service.dataPath, service.mount(under: path) == nil else {
            return nil
        }
        self.engine = engine
        self.path = path
        let volumes = service.image.map(engine.imageVolumes) ?? []
        mountPoint = volumes.first { DeployService.contains($0, path) } ?? path
        stray = service.mounts.first { mount in
            switch mount.source {
            case .volume, .anonymous, .pipeline: !Self.isForSettings(mount.target)
            case .bind, .memory, .unknown:
                DatabaseEngine.wellKnownPaths.contains(mount.target) || DeployService.contains(mount.target, path)
            }
        }
    }

    /// Where a volume would hold it.
    let mountPoint: String

    private static func isForSettings(_ target: String) -> Bool {
        let others = [
            "/etc", "/run", "/var/run", "/docker-entrypoint-initdb.d", "/tmp", "/dev/shm", "/backup", "/backups",
            "/var/log",
        ]
        return others.contains { DeployService.contains($0, target) } || target.lowercased().contains("cache")
    }
}
