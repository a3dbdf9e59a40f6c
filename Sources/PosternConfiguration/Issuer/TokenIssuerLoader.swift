internal import PosternCore
internal import PosternCrypto

/// Reads `issuer.yaml`. Blocks.
package enum TokenIssuerLoader {
    package struct Result: Sendable {
        /// nil when there is an error among the diagnostics.
        package let configuration: TokenIssuerConfiguration?
        /// SHA-256 of the file's bytes, as lower-case hexadecimal.
        package let configurationHash: String
        /// All mistakes and warnings, in the order of lines.
        package let diagnostics: [Diagnostic]
        /// Whether the file itself could not be read.
        package let isUnreadable: Bool
    }

    /// - Parameter path: from the current directory.
    package static func load(path: String) -> Result {
        let log = DiagnosticLog()
        let absolute = FilePath.absolute(path)
        let context = DecodingContext(log: log, directory: FilePath.directory(of: absolute))
        let contents: [UInt8]
        do {
            contents = try FileReader.read(absolute)
        } catch {
            log.add(Diagnostic(.error, file: path, "cannot read the configuration: \(error.reason)"))
            return Result(configuration: nil, configurationHash: "", diagnostics: log.diagnostics, isUnreadable: true)
        }
        let configuration = YAMLDocument.read(contents, file: path, log: log)
            .flatMap { TokenIssuerConfiguration.decode($0, context) }
        return Result(
            configuration: log.hasErrors ? nil : configuration,
            configurationHash: Hex.encode(Digest.sha256.hash(contents)),
            diagnostics: ConfigurationLoader.sorted(log.diagnostics),
            isUnreadable: false
        )
    }
}
