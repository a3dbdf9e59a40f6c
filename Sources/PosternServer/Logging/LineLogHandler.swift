package import Logging

/// Writes each event as one line to standard error, whatever stands in it.
///
/// Much of what is logged was chosen by others: the ref of a build, the answer of a server. A line's end in it would
/// begin a line that nobody wrote, and other control characters would move a terminal's cursor.
package struct LineLogHandler: LogHandler {
    private var base: any LogHandler

    package init(label: String) {
        self.init(StreamLogHandler.standardError(label: label))
    }

    /// - Parameter base: gets events whose texts are safe to show.
    package init(_ base: any LogHandler) {
        self.base = base
    }

    package var logLevel: Logger.Level {
        get { base.logLevel }
        set { base.logLevel = newValue }
    }

    package var metadata: Logger.Metadata {
        get { base.metadata }
        set { base.metadata = newValue.mapValues(Self.safe) }
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { base[metadataKey: key] }
        set { base[metadataKey: key] = newValue.map(Self.safe) }
    }

    package func log(event: LogEvent) {
        var event = event
        event.message = "\(Self.escaped(event.message.description))"
        event.metadata = event.metadata?.mapValues(Self.safe)
        base.log(event: event)
    }

    private static func safe(_ value: Logger.MetadataValue) -> Logger.MetadataValue {
        .string(escaped(value.description))
    }

    /// Control characters, and what changes the direction of text or ends a line, as `\u{…}`.
    package static func escaped(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isHidden) else { return text }
        var shown = ""
        for scalar in text.unicodeScalars {
            shown += isHidden(scalar) ? "\\u{\(String(scalar.value, radix: 16))}" : String(scalar)
        }
        return shown
    }

    private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator, .format: true
        default: false
        }
    }
}
