internal import PosternPolicy
internal import PosternYAML

/// Builds nodes from the YAML of compose files and pipelines: several documents, anchors, aliases, merge keys and tags.
///
/// An alias is the node itself, not a copy of it; what it would be written out is counted, so that a few lines of aliases
/// of aliases cannot keep the rules busy.
struct DeployComposer {
    /// More nesting than any pipeline has; it bounds the recursion of whoever walks a tree.
    static let maximumDepth = 48
    /// Nodes of one file, aliases written out. The largest compose files have some thousand.
    static let maximumNodes = 100_000
    static let maximumDocuments = 100

    struct Problem: Error {
        let location: SourceLocation
        let message: String
        var hint: String?
    }

    private let file: String
    private let events: YAMLEventReader
    private var anchors: [String: DeployNode] = [:]
    /// Anchors whose node has not ended.
    private var open: Set<String> = []
    private var count = 0
    private(set) var problems: [Problem] = []

    /// - Returns: the documents as far as they could be read, and what is wrong with them.
    static func compose(_ bytes: [UInt8], file: String) -> (documents: [DeployNode], problems: [Problem]) {
        let start = SourceLocation(file: file, line: 1, column: 1)
        guard let events = YAMLEventReader(bytes) else {
            return ([], [Problem(location: start, message: "not enough memory")])
        }
        var composer = DeployComposer(file: file, events: events)
        var documents: [DeployNode] = []
        do throws(Problem) {
            while let document = try composer.document() {
                documents.append(document)
                guard documents.count <= maximumDocuments else {
                    throw Problem(location: document.location, message: "more than \(maximumDocuments) documents")
                }
            }
        } catch {
            composer.problems.append(error)
        }
        return (documents, composer.problems)
    }

    private init(file: String, events: YAMLEventReader) {
        self.file = file
        self.events = events
    }

    /// - Returns: nil at the end of the stream.
    private mutating func document() throws(Problem) -> DeployNode? {
        while true {
            let event = try next()
            switch event.kind {
            case .streamEnd: return nil
            case .streamStart, .documentEnd: continue
            case .documentStart:
                anchors = [:]
                return try node(from: try next(), depth: 0)
            default: throw problem(event, "unexpected end of a value")
            }
        }
    }

    private mutating func node(from event: YAMLEvent, depth: Int) throws(Problem) -> DeployNode {
        guard depth <= Self.maximumDepth else {
            throw problem(event, "nested more than \(Self.maximumDepth) levels deep")
        }
        if let anchor = event.anchor { open.insert(anchor) }
        let node: DeployNode
        switch event.kind {
        case .plain(let text):
            let content: DeployNode.Content = ["", "~", "null"].contains(text) ? .null : .text(text)
            node = made(event, content, style: event.endLine > event.line ? .folded : .plain)
        case .quoted(let text): node = made(event, .text(text), style: event.endLine > event.line ? .folded : .quoted)
        case .literal(let text): node = made(event, .text(text), style: .literal)
        case .folded(let text): node = made(event, .text(text), style: .folded)
        case .sequenceStart:
            let elements = try sequence(depth: depth + 1)
            node = made(event, .sequence(elements), below: elements)
        case .mappingStart:
            let members = try mapping(depth: depth + 1)
            node = made(event, .mapping(members), below: members.map(\.value))
        case .alias(let name): return try alias(name, at: event, depth: depth)
        default: throw problem(event, "unexpected end of a value")
        }
        if let anchor = event.anchor {
            open.remove(anchor)
            anchors[anchor] = node
        }
        try weigh(1, at: event)
        return node
    }

    private mutating func alias(_ name: String, at event: YAMLEvent, depth: Int) throws(Problem) -> DeployNode {
        guard !open.contains(name) else { throw problem(event, "`*\(name)` stands inside of itself") }
        guard let node = anchors[name] else {
            throw problem(event, "there is no anchor `&\(name)` before this alias")
        }
        guard depth + node.height <= Self.maximumDepth else {
            throw problem(event, "nested more than \(Self.maximumDepth) levels deep")
        }
        try weigh(node.weight, at: event)
        return node
    }

    private mutating func weigh(_ nodes: Int, at event: YAMLEvent) throws(Problem) {
        count += nodes
        guard count <= Self.maximumNodes else {
            throw problem(event, "more than \(Self.maximumNodes) values, once aliases are written out")
        }
    }

    private mutating func sequence(depth: Int) throws(Problem) -> [DeployNode] {
        var elements: [DeployNode] = []
        while true {
            let event = try next()
            if event.kind == .sequenceEnd { return elements }
            elements.append(try node(from: event, depth: depth))
        }
    }

    private mutating func mapping(depth: Int) throws(Problem) -> [DeployMember] {
        var own: [DeployMember] = []
        var merged: [DeployMember] = []
        var seen: Set<String> = []
        while true {
            let event = try next()
            if event.kind == .mappingEnd { break }
            let key = try node(from: event, depth: depth)
            let value = try node(from: try next(), depth: depth)
            if event.kind == .plain("<<") {
                merged += try members(mergedFrom: value, at: event)
                continue
            }
            // An alias as a key stands for the anchor's text. What is no text no rule asks for.
            let name = key.text ?? (key.isNull ? "" : nil)
            guard let name else { continue }
            guard seen.insert(name).inserted else {
                problems.append(problem(event, "duplicate key `\(name)`"))
                continue
            }
            own.append(DeployMember(key: name, location: key.location, value: value))
        }
        // The mapping's own keys win, then the first that is merged.
        for member in merged where seen.insert(member.key).inserted { own.append(member) }
        return own
    }

    private func members(mergedFrom value: DeployNode, at event: YAMLEvent) throws(Problem) -> [DeployMember] {
        switch value.content {
        case .mapping(let members): return members
        case .sequence(let elements) where elements.allSatisfy(\.isMapping): return elements.flatMap(\.members)
        case .null, .text, .sequence: throw problem(event, "`<<` takes a mapping or a list of mappings")
        }
    }

    private func made(
        _ event: YAMLEvent,
        _ content: DeployNode.Content,
        style: DeployNode.Style = .plain,
        below: [DeployNode] = []
    ) -> DeployNode {
        DeployNode(
            content: content,
            location: SourceLocation(file: file, line: event.line, column: event.column),
            style: style,
            tag: event.tag,
            weight: below.reduce(1) { $0 + $1.weight },
            height: below.reduce(0) { max($0, $1.height + 1) }
        )
    }

    private func next() throws(Problem) -> YAMLEvent {
        do {
            return try events.next()
        } catch {
            let place = error.place ?? (1, 1)
            throw Problem(
                location: SourceLocation(file: file, line: place.line, column: place.column),
                message: error.message,
                hint: error.message.contains("cannot start any token") ? "indent with spaces" : nil
            )
        }
    }

    private func problem(_ event: YAMLEvent, _ message: String) -> Problem {
        Problem(location: SourceLocation(file: file, line: event.line, column: event.column), message: message)
    }
}
