internal import CYaml

/// Reads a text's events one by one, with libyaml (the copy that comes with Yams).
///
/// Who reads decides what an anchor, an alias, a tag or a second document means: configuration refuses them, and files
/// of other tools have them.
package final class YAMLEventReader {
    /// On the heap: libyaml keeps a pointer from the parser to itself.
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    /// The parser keeps a pointer into it, so it stays where it is.
    private let input: UnsafeMutableBufferPointer<UInt8>

    /// - Returns: nil when there is not enough memory.
    package init?(_ bytes: [UInt8]) {
        input = .allocate(capacity: bytes.count)
        _ = input.initialize(from: bytes)
        parser = .allocate(capacity: 1)
        guard yaml_parser_initialize(parser) == 1 else {
            parser.deallocate()
            input.deallocate()
            return nil
        }
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, input.baseAddress, input.count)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
        input.deallocate()
    }

    /// The next event. After the end of the stream, or an error, there is none to ask for.
    package func next() throws(YAMLSyntaxError) -> YAMLEvent {
        var raw = yaml_event_t()
        guard yaml_parser_parse(parser, &raw) == 1 else { throw syntaxError }
        defer { yaml_event_delete(&raw) }
        return YAMLEvent(raw)
    }

    private var syntaxError: YAMLSyntaxError {
        var message = parser.pointee.problem.map { String(cString: $0) } ?? "not YAML"
        if let context = parser.pointee.context {
            message += " " + String(cString: context) + " from line \(parser.pointee.context_mark.line + 1)"
        }
        guard parser.pointee.error != YAML_READER_ERROR else {
            return YAMLSyntaxError(message: "\(message) at byte \(parser.pointee.problem_offset)", place: nil)
        }
        let mark = parser.pointee.problem_mark
        return YAMLSyntaxError(message: message, place: (Int(mark.line) + 1, Int(mark.column) + 1))
    }
}

extension YAMLEvent {
    fileprivate init(_ raw: yaml_event_t) {
        line = Int(raw.start_mark.line) + 1
        column = Int(raw.start_mark.column) + 1
        endLine = Int(raw.end_mark.line) + 1
        // libyaml's enumeration is open to Swift: what has no name here is the stream's start.
        switch raw.type {
        case YAML_SCALAR_EVENT:
            let scalar = raw.data.scalar
            let text = String(
                decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length),
                as: UTF8.self
            )
            switch scalar.style {
            case YAML_PLAIN_SCALAR_STYLE: kind = .plain(text)
            case YAML_LITERAL_SCALAR_STYLE: kind = .literal(text)
            case YAML_FOLDED_SCALAR_STYLE: kind = .folded(text)
            default: kind = .quoted(text)
            }
            anchor = Self.text(scalar.anchor)
            tag = Self.text(scalar.tag)
        case YAML_SEQUENCE_START_EVENT:
            kind = .sequenceStart
            anchor = Self.text(raw.data.sequence_start.anchor)
            tag = Self.text(raw.data.sequence_start.tag)
        case YAML_MAPPING_START_EVENT:
            kind = .mappingStart
            anchor = Self.text(raw.data.mapping_start.anchor)
            tag = Self.text(raw.data.mapping_start.tag)
        default:
            // An alias carries a name and neither anchor nor tag.
            anchor = nil
            tag = nil
            switch raw.type {
            case YAML_ALIAS_EVENT: kind = .alias(Self.text(raw.data.alias.anchor) ?? "")
            case YAML_SEQUENCE_END_EVENT: kind = .sequenceEnd
            case YAML_MAPPING_END_EVENT: kind = .mappingEnd
            case YAML_DOCUMENT_START_EVENT: kind = .documentStart
            case YAML_DOCUMENT_END_EVENT: kind = .documentEnd
            case YAML_STREAM_END_EVENT: kind = .streamEnd
            default: kind = .streamStart
            }
        }
    }

    private static func text(_ name: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        guard let name else { return nil }
        return String(decodingCString: name, as: UTF8.self)
    }
}
