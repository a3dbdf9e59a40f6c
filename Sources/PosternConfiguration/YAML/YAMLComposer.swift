internal import CYaml
internal import PosternPolicy

/// Builds nodes from libyaml's events (the copy that comes with Yams).
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
    /// On the heap: libyaml keeps a pointer from the parser to itself.
    private let parser: UnsafeMutablePointer<yaml_parser_t>

    /// - Returns: the only document's root, or nil when the text is not YAML (and the log says where).
    static func compose(_ bytes: [UInt8], file: String, log: DiagnosticLog) -> YAMLNode? {
        let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
        defer { parser.deallocate() }
        return YAMLComposer(parser: parser, file: file, log: log).compose(bytes)
    }

    private init(parser: UnsafeMutablePointer<yaml_parser_t>, file: String, log: DiagnosticLog) {
        self.parser = parser
        self.file = file
        self.log = log
    }

    private func compose(_ bytes: [UInt8]) -> YAMLNode? {
        guard yaml_parser_initialize(parser) == 1 else {
            log.add(Diagnostic(.error, file: file, "not enough memory"))
            return nil
        }
        defer { yaml_parser_delete(parser) }
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        return bytes.withUnsafeBufferPointer { bytes in
            // The parser keeps this pointer; it is read only within this closure.
            yaml_parser_set_input_string(parser, bytes.baseAddress, bytes.count)
            return try? document()
        }
    }

    private func document() throws(Abort) -> YAMLNode {
        _ = try next()
        let start = try next()
        guard start.kind != .streamEnd else {
            return YAMLNode(content: .null, location: start.location)
        }
        let root = try node(from: try next(), depth: 0)
        _ = try next()
        let end = try next()
        if end.kind != .streamEnd {
            log.error(end.location, "a second document begins here", hint: "a file holds one document")
        }
        return root
    }

    private func node(from event: Event, depth: Int) throws(Abort) -> YAMLNode {
        guard depth <= Self.maximumDepth else {
            log.error(event.location, "nested more than \(Self.maximumDepth) levels deep")
            throw Abort()
        }
        if event.hasAnchor {
            log.error(
                event.location,
                "anchors are not supported",
                hint: "write the value out where it is used"
            )
        }
        if event.hasTag {
            log.error(event.location, "tags are not supported", hint: "quoted values are text")
        }
        let content: YAMLNode.Content
        switch event.kind {
        case .plain(let text): content = CoreSchema.content(ofPlain: text)
        case .quoted(let text): content = .text(text)
        case .sequenceStart: content = .sequence(try sequence(depth: depth + 1))
        case .mappingStart: content = .mapping(try mapping(depth: depth + 1))
        case .alias:
            log.error(event.location, "aliases are not supported", hint: "write the value out")
            content = .refused
        case .sequenceEnd, .mappingEnd, .streamEnd, .other:
            log.error(event.location, "unexpected end of a value")
            throw Abort()
        }
        return YAMLNode(content: content, location: event.location)
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
            let key = try key(from: event, depth: depth)
            let value = try node(from: try next(), depth: depth)
            guard let key else { continue }
            if let first = seen.updateValue(event.location, forKey: Array(key.utf8)) {
                log.error(
                    event.location,
                    "duplicate key `\(key)`",
                    hint: "the first is at line \(first.line)"
                )
                continue
            }
            members.append(YAMLMember(key: key, location: event.location, value: value))
        }
    }

    /// - Returns: nil when the key is refused.
    private func key(from event: Event, depth: Int) throws(Abort) -> String? {
        if case .plain("<<") = event.kind {
            log.error(event.location, "merge keys are not supported", hint: "write the values out")
            return nil
        }
        let node = try node(from: event, depth: depth)
        switch event.kind {
        case .plain(let text), .quoted(let text): return text
        case .alias: return nil
        case .sequenceStart, .mappingStart, .sequenceEnd, .mappingEnd, .streamEnd, .other:
            log.error(node.location, "a key must be text, not \(node.kind)")
            return nil
        }
    }

    private func next() throws(Abort) -> Event {
        var raw = yaml_event_t()
        guard yaml_parser_parse(parser, &raw) == 1 else {
            reportSyntaxError()
            throw Abort()
        }
        defer { yaml_event_delete(&raw) }
        return Event(raw, file: file)
    }

    private func reportSyntaxError() {
        var message = parser.pointee.problem.map { String(cString: $0) } ?? "not YAML"
        if let context = parser.pointee.context {
            message +=
                " " + String(cString: context) + " from line \(parser.pointee.context_mark.line + 1)"
        }
        guard parser.pointee.error != YAML_READER_ERROR else {
            log.add(Diagnostic(.error, file: file, "\(message) at byte \(parser.pointee.problem_offset)"))
            return
        }
        let location = SourceLocation(
            file: file,
            line: Int(parser.pointee.problem_mark.line) + 1,
            column: Int(parser.pointee.problem_mark.column) + 1
        )
        log.error(
            location,
            message,
            hint: message.contains("cannot start any token") ? "indent with spaces" : nil
        )
    }
}

/// One of libyaml's events as a value.
private struct Event {
    enum Kind: Equatable {
        case plain(String)
        case quoted(String)
        case sequenceStart
        case sequenceEnd
        case mappingStart
        case mappingEnd
        case alias
        case streamEnd
        /// The marks around the stream and its documents.
        case other
    }

    let kind: Kind
    let hasAnchor: Bool
    let hasTag: Bool
    let location: SourceLocation

    init(_ raw: yaml_event_t, file: String) {
        location = SourceLocation(
            file: file,
            line: Int(raw.start_mark.line) + 1,
            column: Int(raw.start_mark.column) + 1
        )
        switch raw.type {
        case YAML_SCALAR_EVENT:
            let scalar = raw.data.scalar
            let text = String(
                decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length),
                as: UTF8.self
            )
            kind = scalar.style == YAML_PLAIN_SCALAR_STYLE ? .plain(text) : .quoted(text)
            hasAnchor = scalar.anchor != nil
            hasTag = scalar.tag != nil
        case YAML_SEQUENCE_START_EVENT:
            kind = .sequenceStart
            hasAnchor = raw.data.sequence_start.anchor != nil
            hasTag = raw.data.sequence_start.tag != nil
        case YAML_MAPPING_START_EVENT:
            kind = .mappingStart
            hasAnchor = raw.data.mapping_start.anchor != nil
            hasTag = raw.data.mapping_start.tag != nil
        default:
            // libyaml's enumeration is open to Swift; the rest carries neither anchors of its own nor tags.
            hasAnchor = false
            hasTag = false
            if raw.type == YAML_ALIAS_EVENT {
                kind = .alias
            } else if raw.type == YAML_SEQUENCE_END_EVENT {
                kind = .sequenceEnd
            } else if raw.type == YAML_MAPPING_END_EVENT {
                kind = .mappingEnd
            } else if raw.type == YAML_STREAM_END_EVENT {
                kind = .streamEnd
            } else {
                kind = .other
            }
        }
    }
}
