internal import PosternPolicy

/// A compose file (compose-spec): its services, with what `extends` and a base file beside it add.
struct ComposeReader {
    private(set) var content = DeployContent()
    private let file: DeployFile
    private let project: ComposeProject

    /// `extends` of `extends`; a ring of them ends here too.
    private static let maximumExtends = 8

    init(_ file: DeployFile, in project: ComposeProject) {
        self.file = file
        self.project = project
        let root = file.documents.first
        content.declaredVolumes = Self.declaredVolumes(in: file)
        for member in root?["services"]?.members ?? [] {
            content.services.append(service(member))
        }
        // Health checks and hooks run commands too, but none of them is a deployment's.
    }

    static func declaredVolumes(in file: DeployFile) -> [DeclaredVolume] {
        (file.documents.first?["volumes"]?.members ?? []).map { member in
            let isExternal = member.value["external"].map { $0.text != "false" } ?? false
            return DeclaredVolume(
                name: member.key,
                location: member.location,
                hasOwnName: isExternal || member.value["name"] != nil
            )
        }
    }

    /// Files of `extends` and `include`.
    static func references(in root: DeployNode) -> [String] {
        let extended = (root["services"]?.members ?? []).compactMap { $0.value.at("extends", "file")?.text }
        return extended + included(in: root)
    }

    static func included(in root: DeployNode) -> [String] {
        (root["include"]?.oneOrMany ?? []).flatMap { $0.isMapping ? $0["path"]?.texts ?? [] : $0.texts }
    }

    private func service(_ member: DeployMember) -> DeployService {
        var service = DeployService(name: member.key, location: member.location)
        let layers = layers(of: member.value, in: file, depth: 0) + base(of: member)
        let own = member.value
        service.isPartial =
            own["image"] == nil && own["build"] == nil && own["volumes"] == nil && own["extends"] == nil
            || own["volumes"] == nil && !base(named: member.key).isEmpty
            || project.isExtendedElsewhere(member.key, of: file) || DatabaseClient.isRun(by: layers)
        // What comes first wins; lists add up.
        var names: Set<String> = []
        var targets: Set<String> = []
        for layer in layers {
            if service.image == nil, let image = layer["image"], layer["build"] == nil, let text = image.text {
                service.image = ImageReference(text)
                service.imageLocation = image.location
            }
            service.environment += EnvironmentEntry.entries(layer["environment"]).filter {
                names.insert($0.name).inserted
            }
            service.mounts += Self.mounts(of: layer).filter { targets.insert($0.target).inserted }.map(behindDriver)
            service.ports += Self.ports(of: layer)
        }
        return service
    }

    /// The service's own mapping and those that it extends, nearest first.
    private func layers(of node: DeployNode, in file: DeployFile, depth: Int) -> [DeployNode] {
        guard depth < Self.maximumExtends, let extends = node["extends"] else { return [node] }
        let name = extends.text ?? extends["service"]?.text
        var source: DeployFile? = file
        if let path = extends["file"]?.text { source = project.file(path, from: file) }
        guard let source, let name, let base = source.documents.first?.at("services", name) else { return [node] }
        return [node] + layers(of: base, in: source, depth: depth + 1)
    }

    /// The service of the same name in the base file that this one overrides, or in the file that overrides this one
    /// wherever nobody names files. Another file that has the whole of a service may stand for itself.
    private func base(of member: DeployMember) -> [DeployNode] {
        let overrides = project.overrides(of: file).compactMap { $0.documents.first?.at("services", member.key) }
        let isWhole = member.value["image"] != nil || member.value["build"] != nil
        guard !isWhole || ComposePath.isOverride(file.name) else { return overrides }
        return base(named: member.key) + overrides
    }

    private func base(named name: String) -> [DeployNode] {
        project.baseFiles(of: file).compactMap { $0.documents.first?.at("services", name) }
    }

    private static func ports(of layer: DeployNode) -> [(text: String, location: SourceLocation)] {
        (layer["ports"]?.elements ?? []).compactMap { element in
            if let text = element.text { return (text, element.location) }
            guard let target = element["target"]?.text, let published = element["published"]?.text else { return nil }
            let host = element["host_ip"]?.text.map { $0 + ":" } ?? ""
            return ("\(host)\(published):\(target)", element.location)
        }
    }

    // MARK: Volumes

    private static func mounts(of layer: DeployNode) -> [DeployMount] {
        let volumes = (layer["volumes"]?.elements ?? []).compactMap { element -> DeployMount? in
            element.text.map { short($0, at: element.location) } ?? long(element)
        }
        let memory = (layer["tmpfs"]?.oneOrMany ?? []).compactMap { element -> DeployMount? in
            guard let text = element.text else { return nil }
            return DeployMount(
                source: .memory,
                target: Interpolation.splitAtColons(text)[0],
                location: element.location
            )
        }
        return volumes + memory
    }

    /// `SOURCE:TARGET:MODE`, or a target alone.
    static func short(_ text: String, at location: SourceLocation) -> DeployMount {
        let parts = Interpolation.splitAtColons(text)
        guard parts.count > 1 else {
            return DeployMount(
                source: .anonymous,
                target: Interpolation.resolved(parts[0]) ?? parts[0],
                location: location
            )
        }
        return DeployMount(
            source: source(parts[0]),
            target: Interpolation.resolved(parts[1]) ?? parts[1],
            createsFolder: true,
            location: location
        )
    }

    private static func long(_ node: DeployNode) -> DeployMount? {
        guard let target = node["target"]?.text else { return nil }
        let text = node["source"]?.text
        let source: DeployMount.Source
        switch node["type"]?.text {
        case "bind": source = text.map(Self.folder) ?? .unknown
        case "tmpfs": source = .memory
        case "volume", nil:
            source = text.map { Interpolation.resolved($0).map { .volume($0) } ?? .unknown } ?? .anonymous
        default: source = .unknown
        }
        let creates = node.at("bind", "create_host_path")?.text == "true"
        return DeployMount(
            source: source,
            target: Interpolation.resolved(target) ?? target,
            createsFolder: creates,
            location: node["source"]?.location ?? node.location
        )
    }

    /// What begins like a path is one, all else is a volume's name.
    /// A named volume whose driver's options make it a folder of the host, or memory, is that.
    private func behindDriver(_ mount: DeployMount) -> DeployMount {
        guard case .volume(let name) = mount.source,
            let options = file.documents.first?.at("volumes", name)?["driver_opts"]
        else { return mount }
        let source: DeployMount.Source
        if options["type"]?.text == "tmpfs" {
            source = .memory
        } else if (options["o"]?.text ?? "").split(separator: ",").contains("bind"),
            let device = options["device"]?.text
        {
            source = Self.folder(device)
        } else {
            return mount
        }
        return DeployMount(source: source, target: mount.target, location: mount.location)
    }

    private static func source(_ text: String) -> DeployMount.Source {
        if HostPath.isOfWorkspace(text) || HostPath.looksLikePath(text) { return folder(text) }
        guard let name = Interpolation.resolved(text) else { return .unknown }
        return HostPath.looksLikePath(name) ? .bind(name) : .volume(name)
    }

    private static func folder(_ text: String) -> DeployMount.Source {
        if HostPath.isOfWorkspace(text) { return .bind(text) }
        guard let path = Interpolation.resolved(text) else {
            // `./${NAME}/data` and `/srv/${NAME}` are known as far as it matters.
            return text.hasPrefix("$") ? .unknown : .bind(text)
        }
        return .bind(path)
    }
}
