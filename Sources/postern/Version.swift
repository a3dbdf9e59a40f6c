internal import PosternJobCommands

/// Postern's version, as `--version`, the journal and the metrics give it.
enum Version {
    static let text = JobVersion.text
}
