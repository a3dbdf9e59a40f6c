/// Postern's version, as `--version`, the journal and the metrics give it.
enum Version {
    static let text = "0.1.0"
}
