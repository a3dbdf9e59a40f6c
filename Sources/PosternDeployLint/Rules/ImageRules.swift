internal import PosternPolicy

/// Rules about the versions of databases.
extension DeployRule {
    static let images = [floatingTag, majorTag]

    static let floatingTag = ofServices(
        "images/floating-tag",
        .error,
        "A database's image has no version",
        reason: """
            The next pull may bring the next major version, which does not read the data folder of the one before, or looks for \
            it at another path and starts an empty database.
            """
    ) { service in
        guard let image = service.image, let engine = service.engine, let location = service.imageLocation,
            !image.isPinned, !image.hasUnknownTag, image.version.isEmpty
        else { return [] }
        return [
            Complaint(
                location,
                image.tag.map { "the tag `\($0)` of `\(image.repository)` says no version of \(engine.name)" }
                    ?? "`\(image.repository)` has no tag, which is `latest`",
                hint: "name the version that runs today, with its minor number"
            )
        ]
    }

    static let majorTag = ofServices(
        "images/major-tag",
        .warning,
        "A database's image names its major version only",
        reason: """
            Minor versions change what a test saw before: they come when somebody pulls, not when somebody decided it, and for \
            some databases they are upgrades that cannot be taken back.
            """
    ) { service in
        guard let image = service.image, service.engine != nil, let location = service.imageLocation,
            !image.isPinned, image.version.count == 1, !image.hasMinorVersion, let tag = image.tag
        else { return [] }
        return [
            Complaint(
                location,
                "the tag `\(tag)` of `\(image.repository)` names a major version only",
                hint: "name the minor version too, or pin the image by its digest"
            )
        ]
    }
}
