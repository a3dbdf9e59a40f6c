internal import PosternPolicy

/// Rules about where on the host a database's data lies.
extension DeployRule {
    static let dataMounts = [relativeBind, temporaryBind, createdBind, anonymousVolume]

    static let relativeBind = ofDatabases(
        "data/relative-bind",
        .error,
        "A database keeps its data in a folder relative to the file",
        reason: """
            The folder is a part of the checkout. Another checkout, another runner or a clean one has another folder, and the \
            database starts there, empty; `git clean` removes it with everything in it.
            """
    ) { service in
        bound(service) { path, mount in
            guard HostPath.isRelative(path) else { return nil }
            return Complaint(
                mount.location,
                "the data of `\(service.name)` is in `\(path)`, which moves with the checkout",
                hint:
                    "use a named volume: `\(volumeName(service)):\(mount.target)`, declared under the top-level `volumes:`"
            )
        }
    }

    static let temporaryBind = ofDatabases(
        "data/temporary-bind",
        .error,
        "A database keeps its data in a folder that is emptied",
        reason: """
            Folders such as `/tmp`, `/run` and a runner's workspace are emptied at a restart, by a cleaning service or after the \
            job, and the database starts anew without a word.
            """
    ) { service in
        bound(service) { path, mount in
            guard HostPath.isTemporary(path) else { return nil }
            return Complaint(
                mount.location,
                "the data of `\(service.name)` is in `\(path)`, which does not stay",
                hint: "use a named volume, or `tmpfs` where the data may go"
            )
        }
    }

    static let createdBind = ofDatabases(
        "data/created-bind",
        .warning,
        "Docker makes a database's folder anew where it is missing",
        reason: """
            With the short syntax a path that is not there becomes an empty folder: a disk that is not mounted, or a slip in the \
            path, looks like a new database instead of an error.
            """
    ) { service in
        bound(service) { path, mount in
            guard mount.createsFolder, path.hasPrefix("/"), !HostPath.isTemporary(path) else { return nil }
            return Complaint(
                mount.location,
                "when `\(path)` is missing, `\(service.name)` starts with an empty folder in its place",
                hint: "use a named volume, or `{type: bind, source: \(path), target: \(mount.target), "
                    + "bind: {create_host_path: false}}`"
            )
        }
    }

    static let anonymousVolume = ofDatabases(
        "data/anonymous-volume",
        .error,
        "A database keeps its data in a volume without a name",
        reason: """
            Nothing leads back to an anonymous volume: after `docker compose down` the next `up` makes another one, and \
            `docker volume prune` removes the old one with the data.
            """
    ) { service in
        service.dataMounts.compactMap { mount in
            guard mount.source == .anonymous else { return nil }
            return Complaint(
                mount.location,
                "the data of `\(service.name)` is in a volume without a name",
                hint: "give it one: `\(volumeName(service)):\(mount.target)`, declared under the top-level `volumes:`"
            )
        }
    }

    private static func bound(
        _ service: DeployService,
        check: (String, DeployMount) -> Complaint?
    ) -> [Complaint] {
        service.dataMounts.compactMap { mount in
            guard case .bind(let path) = mount.source else { return nil }
            return check(path, mount)
        }
    }

    /// A name for a volume that there is none for yet.
    static func volumeName(_ service: DeployService) -> String { service.name + "-data" }
}
