internal import PosternPolicy
internal import PosternYAML

/// Builds nodes from YAML's events.
///
/// It reads the events itself because `Yams.compose` resolves aliases before anybody can refuse them, hashes whole
/// keys, and stops at the first duplicate key. Here an anchor, alias, tag, merge key or duplicate key is one
/// diagnostic each, and reading goes on; only a syntax error ends it.
struct YAMLComposer {
    /// More nesting than any configuration or policy has; it bounds the recursion.
    static let maximumDepth = 32

    private struct Abort: Error {}

    private let file: String
    private let log: DiagnosticLog
    private let events: YAMLEventReader

    /// - Returns: the only document's root, or nil when the text is not YAML (and the log says where).
    static func compose(_ bytes: [UInt8], file: String, log: DiagnosticLog) -> YAMLNode? {
        guard let events = YAMLEventReader(bytes) else {
            log.add(Diagnostic(.error, file: file, "not enough memory"))
            return nil
        }
        return try? YAMLComposer(file: file, log: log, events: events).document()
    }

    private func document() throws(Abort) -> YAMLNode {
        _ = try next()
        let start = try next()
        guard start.kind != .streamEnd else {
            return YAMLNode(content: .null, location: location(of: start))
        }
        let root = try node(from: try next(), depth: 0)
        _ = try next()
        let end = try next()
        if end.kind != .streamEnd {
            log.error(location(of: end), "a second document begins here", hint: "a file holds one document")
        }
        return root
    }

    private func node(from event: YAMLEvent, depth: Int) throws(Abort) -> YAMLNode {
        let location = location(of: event)
        guard depth <= Self.maximumDepth else {
            log.error(location, "nested more than \(Self.maximumDepth) levels deep")
            throw Abort()
        }
        if event.anchor != nil {
            log.error(
                location,
                "anchors are not supported",
                hint: "write the value out where it is used"
            )
        }
        if event.tag != nil {
            log.error(location, "tags are not supported", hint: "quoted values are text")
        }
        let content: YAMLNode.Content
        switch event.kind {
        case .plain(let text): content = CoreSchema.content(ofPlain: text)
        case .quoted(let text), .literal(let text), .folded(let text): content = .text(text)
        case .sequenceStart: content = .sequence(try sequence(depth: depth + 1))
        case .mappingStart: content = .mapping(try mapping(depth: depth + 1))
        case .alias:
            log.error(location, "aliases are not supported", hint: "write the value out")
            content = .refused
        case .sequenceEnd, .mappingEnd, .documentStart, .documentEnd, .streamStart, .streamEnd:
            log.error(location, "unexpected end of a value")
            throw Abort()
        }
        return YAMLNode(content: content, location: location)
    }

    private func sequence(depth: Int) throws(Abort) -> [YAMLNode] {
        var elements: [YAMLNode] = []
        while true {
            let event = try next()
            if event.kind == .sequenceEnd { return elements }
            elements.append(try node(from: event, depth: depth))
        }
    }

    private func mapping(depth: Int) throws(Abort) -> [YAMLMember] {
        var members: [YAMLMember] = []
        // Keys are compared as bytes: Swift's strings are equal when they only look alike.
        var seen: [[UInt8]: SourceLocation] = [:]
        while true {
            let event = try next()
            if event.kind == .mappingEnd { return members }
            let location = location(of: event)
            let key = try key(from: event, depth: depth)
            let value = try node(from: try next(), depth: depth)
            guard let key else { continue }
            if let first = seen.updateValue(location, forKey: Array(key.utf8)) {
                log.error(
                    location,
                    "duplicate key `\(key)`",
                    hint: "the first is at line \(first.line)"
                )
                continue
            }
            members.append(YAMLMember(key: key, location: location, value: value))
        }
    }

    /// - Returns: nil when the key is refused.
    private func key(from event: YAMLEvent, depth: Int) throws(Abort) -> String? {
        if case .plain("<<") = event.kind {
            log.error(location(of: event), "merge keys are not supported", hint: "write the values out")
            return nil
        }
        let node = try node(from: event, depth: depth)
        switch event.kind {
        case .plain(let text), .quoted(let text), .literal(let text), .folded(let text): return text
        case .alias: return nil
        case .sequenceStart, .mappingStart, .sequenceEnd, .mappingEnd, .documentStart, .documentEnd, .streamStart,
            .streamEnd:
            log.error(node.location, "a key must be text, not \(node.kind)")
            return nil
        }
    }

    private func next() throws(Abort) -> YAMLEvent {
        do {
            return try events.next()
        } catch {
            report(error)
            throw Abort()
        }
    }

    private func report(_ error: YAMLSyntaxError) {
        guard let place = error.place else {
            log.add(Diagnostic(.error, file: file, error.message))
            return
        }
        log.error(
            SourceLocation(file: file, line: place.line, column: place.column),
            error.message,
            hint: error.message.contains("cannot start any token") ? "indent with spaces" : nil
        )
    }

    private func location(of event: YAMLEvent) -> SourceLocation {
        SourceLocation(file: file, line: event.line, column: event.column)
    }
}
