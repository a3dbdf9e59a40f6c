internal import PosternCore
internal import PosternPolicy

/// Tells the gateway's own statements from the job's. No comments, no parameters, nothing beside them in the text.
struct OwnStatementReader {
    enum Reading: Equatable {
        /// It is none, and goes to PostgreSQL like any other.
        case none
        case statement(OwnStatement)
        /// It means to be one.
        case refused(Denial)
    }

    private static let jsonLimits = JSONParser.Limits(bytes: OwnStatement.noteLimit, depth: 32)

    private let text: [UInt8]
    private var offset = 0

    static func read(_ text: borrowing Span<UInt8>) -> Reading {
        // Most texts end here, before anything is copied.
        var first = 0
        while first < text.count, isSpace(text[first]) { first += 1 }
        guard first < text.count, text[first] | 0x20 == UInt8(ascii: "s"), text.count - first >= 20 else {
            return .none
        }
        let end = min(text.count, first + maximumText)
        var reader = OwnStatementReader(text: text.copy(of: first..<end))
        return reader.read(isCut: end < text.count)
    }

    /// A note whose every byte is doubled, and some space.
    private static let maximumText = 3 * OwnStatement.noteLimit

    private init(text: [UInt8]) {
        self.text = text
    }

    private mutating func read(isCut: Bool) -> Reading {
        if word("show"), space() {
            guard word("postern.receipt"), isAtEnd() else { return .none }
            return .statement(.receipt)
        }
        offset = 0
        guard word("select"), space(), word("postern.record") else { return .none }
        _ = space()
        guard take(UInt8(ascii: "(")) else { return .none }
        _ = space()
        guard !isCut else { return .refused(.noteTooLarge) }
        guard let literal = literal() else { return .refused(.noteMalformed) }
        _ = space()
        guard take(UInt8(ascii: ")")), isAtEnd() else { return .refused(.noteMalformed) }
        guard literal.count <= OwnStatement.noteLimit else { return .refused(.noteTooLarge) }
        do throws(JSONParser.Failure) {
            let value = try JSONParser.parse(literal, limits: Self.jsonLimits)
            guard let reserved = value.objectValue?[GuardClaim.member] else {
                return .statement(.note(json: Array(value.text.utf8)))
            }
            guard let claim = GuardClaim(reserved), claim.note == value else { return .refused(.guardMalformed) }
            return .statement(.guardResult(json: Array(reserved.text.utf8)))
        } catch {
            return .refused(.noteInvalid(error))
        }
    }

    // MARK: Tokens

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || 0x09...0x0D ~= byte }

    /// - Parameter word: in lower case.
    private mutating func word(_ word: StaticString) -> Bool {
        let count = word.utf8CodeUnitCount
        guard text.count - offset >= count else { return false }
        for index in 0..<count {
            let byte = text[offset + index]
            let folded = UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte ? byte | 0x20 : byte
            guard folded == word.utf8Start[index] else { return false }
        }
        offset += count
        return true
    }

    private mutating func space() -> Bool {
        let start = offset
        while offset < text.count, Self.isSpace(text[offset]) { offset += 1 }
        return offset > start
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard offset < text.count, text[offset] == byte else { return false }
        offset += 1
        return true
    }

    private mutating func isAtEnd() -> Bool {
        _ = space()
        while take(UInt8(ascii: ";")) { _ = space() }
        return offset == text.count
    }

    // MARK: Literals

    /// A plain literal as `standard_conforming_strings` has it, `E'…'` with escaped quotes and backslashes, or `$…$`.
    private mutating func literal() -> [UInt8]? {
        if take(UInt8(ascii: "'")) { return quoted(escapes: false) }
        if offset + 1 < text.count, text[offset] | 0x20 == UInt8(ascii: "e"), text[offset + 1] == UInt8(ascii: "'") {
            offset += 2
            return quoted(escapes: true)
        }
        return dollarQuoted()
    }

    private mutating func quoted(escapes: Bool) -> [UInt8]? {
        let quote = UInt8(ascii: "'")
        let backslash = UInt8(ascii: "\\")
        var value: [UInt8] = []
        while offset < text.count {
            let byte = text[offset]
            offset += 1
            if byte == quote {
                guard offset < text.count, text[offset] == quote else { return value }
                offset += 1
            } else if escapes, byte == backslash {
                guard offset < text.count, text[offset] == quote || text[offset] == backslash else { return nil }
                value.append(text[offset])
                offset += 1
                continue
            }
            value.append(byte)
        }
        return nil
    }

    private mutating func dollarQuoted() -> [UInt8]? {
        let dollar = UInt8(ascii: "$")
        guard offset < text.count, text[offset] == dollar,
            let end = text[(offset + 1)...].firstIndex(of: dollar)
        else { return nil }
        let tag = text[offset...end]
        let isTag = tag.dropFirst().dropLast().allSatisfy { byte in
            byte == UInt8(ascii: "_") || UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20
        }
        guard isTag else { return nil }
        let start = end + 1
        var index = start
        while index + tag.count <= text.count {
            if text[index] == dollar, text[index..<index + tag.count].elementsEqual(tag) {
                offset = index + tag.count
                return Array(text[start..<index])
            }
            index += 1
        }
        return nil
    }
}

extension Denial {
    private static let noteUsage = "SELECT postern.record('{\"step\": \"migrated\"}') as a text of its own"

    fileprivate static let noteMalformed = Denial(
        sqlState: "22023",
        reason: "note",
        message: "postern.record takes one literal of JSON, and no parameters",
        hint: noteUsage
    )

    fileprivate static let noteTooLarge = Denial(
        sqlState: "54000",
        reason: "note",
        message: "a note takes \(OwnStatement.noteLimit) bytes at most",
        hint: "record a summary"
    )

    fileprivate static func noteInvalid(_ failure: JSONParser.Failure) -> Denial {
        Denial(
            sqlState: "22P02",
            reason: "note",
            message: "a note must be JSON",
            detail: failure.description,
            hint: noteUsage
        )
    }

    /// A guard's result is an event of its own: what only looks like one must not become one, nor an ordinary note.
    fileprivate static let guardMalformed = Denial(
        sqlState: "22023",
        reason: "note",
        message: "a note with the member \(GuardClaim.member) must be a guard's result, and this is none",
        hint: "`postern guard` writes them; docs/guard.md has their shape"
    )

    static let tooManyNotes = Denial(
        sqlState: "53400",
        reason: "note",
        message: "a session takes \(OwnStatement.notesLimit) notes at most",
        hint: "record a summary"
    )
}
