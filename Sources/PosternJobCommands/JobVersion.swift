/// Postern's version, as `--version`, the journal and the metrics give it.
package enum JobVersion {
    package static let text = "0.1.0"
}
