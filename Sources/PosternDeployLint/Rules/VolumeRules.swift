internal import PosternPolicy

/// Rules about the names of volumes.
extension DeployRule {
    static let volumes = [undeclaredVolume, projectName]

    static let undeclaredVolume = ofFiles(
        "volumes/undeclared",
        .error,
        "A service uses a volume that the file does not declare",
        reason: """
            Compose refuses such a file, and a slip in the name is what it mostly is: the volume with the data is declared, \
            under the name that is not used.
            """,
        kinds: [.compose]
    ) { file, subject in
        let declared = Set(declarations(for: file, in: subject).map(\.name))
        return file.content.services.flatMap { service in
            service.mounts.compactMap { mount -> Complaint? in
                guard case .volume(let name) = mount.source, !declared.contains(name) else { return nil }
                return Complaint(
                    mount.location,
                    "`\(service.name)` uses the volume `\(name)`, which is not declared",
                    hint: declared.isEmpty
                        ? "add `\(name):` under a top-level `volumes:`"
                        : "declared are: " + declared.sorted().map { "`\($0)`" }.joined(separator: ", ")
                )
            }
        }
    }

    static let projectName = ofFiles(
        "volumes/project-name",
        .warning,
        "The name of a database's volume depends on the folder of the file",
        reason: """
            Compose puts the project's name before the volume's, and without `name:` that is the name of the folder. From a \
            checkout in another folder the same file uses another volume, which is empty.
            """,
        kinds: [.compose]
    ) { file, subject in
        let documents = ([file] + subject.project.baseFiles(of: file)).compactMap(\.documents.first)
        guard documents.allSatisfy({ $0["name"] == nil }) else { return [] }
        return file.content.declaredVolumes.compactMap { volume in
            let isData = file.content.services.contains { service in
                service.dataMounts.contains { $0.source == .volume(volume.name) }
            }
            guard isData, !volume.hasOwnName else { return nil }
            return Complaint(
                volume.location,
                "`\(volume.name)` holds data, and its full name begins with the name of the folder",
                hint: "add a top-level `name:` to the file, or `name:` to the volume"
            )
        }
    }

    /// What this file, the files that it is used with, and those that it includes declare.
    private static func declarations(for file: DeployFile, in subject: DeploySubject) -> [DeclaredVolume] {
        let included = Set(
            file.documents.flatMap(ComposeReader.included).map { ComposePath.joined(file.folder, $0) }
        )
        return subject.composeFiles.filter { other in
            other.path == file.path || other.folder == file.folder || included.contains(other.path)
        }
        .flatMap(\.content.declaredVolumes)
    }
}
