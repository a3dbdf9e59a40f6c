/// The one request that a connection of a front may send, looked at before the server behind sees it.
///
/// Two programs that read one request must not read two different ones: what RFC 9112 leaves open is refused here, and
/// what comes after the request is left out. The head is held until it is whole.
package struct FrontRequest: Sendable {
    package enum Step: Hashable, Sendable {
        /// The head is not whole.
        case wait
        /// These bytes go on.
        case pass([UInt8])
        /// The request is none that goes on, and neither is what follows.
        case refuse(Refusal)
    }

    package enum Refusal: Error, Hashable, Sendable {
        case malformed
        case headTooLong
        /// A body without `Content-Length`: no client that has business here sends one.
        case noLength

        /// The whole answer.
        package var reply: [UInt8] {
            let status =
                switch self {
                case .malformed: "400 Bad Request"
                case .headTooLong: "431 Request Header Fields Too Large"
                case .noLength: "411 Length Required"
                }
            return Array("HTTP/1.1 \(status)\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".utf8)
        }
    }

    package static let headByteLimit = 32 << 10
    /// Fields that somebody decides by. A second one of a name might be joined to the first, replace it, or be left out.
    private static let single: Set<String> = [
        "accept", "accept-encoding", "authorization", "content-digest", "content-length", "content-type", "date",
        "digest", "host", "signature", "signature-input", "transfer-encoding",
    ]
    private static let tokenMarks = Set("!#$%&'*+-.^_`|~".utf8)
    private static let end = Array("\r\n\r\n".utf8)

    private enum State {
        case head([UInt8])
        case body(left: Int)
        case refused(Refusal)
    }

    private var state = State.head([])

    package init() {}

    /// Whether the whole head has come, and is good.
    package var hasHead: Bool {
        if case .body = state { true } else { false }
    }

    package mutating func take(_ bytes: some Collection<UInt8>) -> Step {
        switch state {
        case .refused(let refusal): return .refuse(refusal)
        case .body(let left):
            let piece = Array(bytes.prefix(left))
            state = .body(left: left - piece.count)
            return .pass(piece)
        case .head(var head):
            // Where the end may begin: not before the last three bytes of what was there.
            let start = max(0, head.count - (Self.end.count - 1))
            head += bytes
            guard let end = Self.endOfHead(head, from: start) else {
                guard head.count <= Self.headByteLimit else { return refuse(.headTooLong) }
                state = .head(head)
                return .wait
            }
            guard end <= Self.headByteLimit else { return refuse(.headTooLong) }
            switch Self.length(head[..<end]) {
            case .failure(let refusal): return refuse(refusal)
            case .success(let length):
                let piece = head[..<end] + head[end...].prefix(length)
                state = .body(left: length - (piece.count - end))
                return .pass(Array(piece))
            }
        }
    }

    private mutating func refuse(_ refusal: Refusal) -> Step {
        state = .refused(refusal)
        return .refuse(refusal)
    }

    private static func endOfHead(_ bytes: [UInt8], from start: Int) -> Int? {
        guard bytes.count >= end.count else { return nil }
        for index in start...(bytes.count - end.count)
        where bytes[index] == end[0] && bytes[index..<index + end.count].elementsEqual(end) {
            return index + end.count
        }
        return nil
    }

    /// Of the body that follows the head.
    private static func length(_ head: ArraySlice<UInt8>) -> Result<Int, Refusal> {
        let text = head.dropLast(end.count)
        // A line's end is both bytes: some programs end one with either alone.
        var lines: [ArraySlice<UInt8>] = []
        for line in text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            lines.append(line.last == UInt8(ascii: "\r") ? line.dropLast() : line)
        }
        let breaks = text.indices.filter { text[$0] == UInt8(ascii: "\n") }
        let areWhole = breaks.allSatisfy { $0 > text.startIndex && text[$0 - 1] == UInt8(ascii: "\r") }
        guard areWhole, lines.allSatisfy({ !$0.contains(UInt8(ascii: "\r")) && !$0.contains(0) }) else {
            return .failure(.malformed)
        }
        var seen: Set<String> = []
        var length = 0
        for line in lines.dropFirst() {
            // No name is empty, begins with a space (a folded line) or has one before the colon.
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex,
                line[..<colon].allSatisfy(isToken)
            else { return .failure(.malformed) }
            let name = String(decoding: line[..<colon], as: UTF8.self).lowercased()
            guard !single.contains(name) || seen.insert(name).inserted else { return .failure(.malformed) }
            if name == "transfer-encoding" { return .failure(.noLength) }
            guard name == "content-length" else { continue }
            let digits = String(
                decoding: line[line.index(after: colon)...].drop { $0 == UInt8(ascii: " ") },
                as: UTF8.self
            )
            guard !digits.isEmpty, digits.utf8.count <= 12, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                let value = Int(digits)
            else { return .failure(.malformed) }
            length = value
        }
        return .success(length)
    }

    private static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: tokenMarks.contains(byte)
        }
    }
}
