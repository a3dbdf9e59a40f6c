internal import PosternPolicy

/// Rules about the volumes of Drone's pipelines.
extension DeployRule {
    static let drone = [undeclaredDroneVolume, droneVolumeSource]

    static let undeclaredDroneVolume = ofFiles(
        "drone/undeclared-volume",
        .error,
        "A step of Drone mounts a volume that its pipeline does not have",
        reason: """
            Each pipeline has volumes of its own: what another document of the file declares is not there, and the step runs \
            without its folder or not at all.
            """,
        kinds: [.drone]
    ) { file, _ in
        file.documents.flatMap { document -> [Complaint] in
            let declared = Set((document["volumes"]?.elements ?? []).compactMap { $0["name"]?.text })
            let steps = (document["steps"]?.elements ?? []) + (document["services"]?.elements ?? [])
            return steps.flatMap(DroneReader.mounts).compactMap { mount in
                guard case .pipeline(let name) = mount.source, !declared.contains(name) else { return nil }
                return Complaint(
                    mount.location,
                    "the pipeline has no volume `\(name)`",
                    hint: declared.isEmpty
                        ? "add it under the pipeline's `volumes:`"
                        : "it has: " + declared.sorted().map { "`\($0)`" }.joined(separator: ", ")
                )
            }
        }
    }

    static let droneVolumeSource = ofFiles(
        "drone/volume-source",
        .error,
        "A volume of Drone is not at an absolute path of the host",
        reason: """
            A host volume is a folder of the machine that the runner is on. A relative path has no meaning there, and what is \
            neither `host` nor `temp` is no volume at all.
            """,
        kinds: [.drone]
    ) { file, _ in
        file.documents.flatMap { $0["volumes"]?.elements ?? [] }.compactMap { volume -> Complaint? in
            let name = volume["name"]?.text ?? ""
            if let path = volume.at("host", "path") {
                guard let text = path.text, !text.hasPrefix("/") else { return nil }
                return Complaint(
                    path.location,
                    "the path `\(text)` of the volume `\(name)` is not absolute",
                    hint:
                        "write the folder's whole path on the runner's host, or `temp: {}` for one that the pipeline alone has"
                )
            }
            guard ["temp", "host", "claim", "config_map", "secret", "empty_dir"].allSatisfy({ volume[$0] == nil })
            else { return nil }
            return Complaint(
                volume.location,
                "the volume `\(name)` is neither on the host nor temporary",
                hint: "add `host: {path: …}` or `temp: {}`"
            )
        }
    }
}
