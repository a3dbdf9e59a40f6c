/// The chunked transfer coding (RFC 9112, section 7.1), without trailers of interest.
struct ChunkedBody: Sendable {
    private enum State {
        case size
        case data(remaining: Int)
        /// The line end behind a chunk.
        case dataEnd
        /// Lines up to the empty one.
        case trailers
        case whole
    }

    /// A line of sizes, extensions and trailers at most.
    private static let lineLimit = 1024

    private(set) var body: [UInt8] = []
    private var state = State.size

    /// Takes what it can from the front of `input`.
    ///
    /// - Returns: whether the body is whole; nothing may follow it.
    mutating func received(_ input: inout [UInt8], limit: Int) throws(HTTPFailure) -> Bool {
        var rest = input[...]
        defer { input = Array(rest) }
        while true {
            switch state {
            case .size:
                guard let line = try Self.line(&rest) else { return false }
                let digits = line.prefix { $0 != UInt8(ascii: ";") }
                guard !digits.isEmpty, digits.count <= 7,
                    let size = Int(String(decoding: digits, as: UTF8.self), radix: 16),
                    digits.first != UInt8(ascii: "-"), digits.first != UInt8(ascii: "+")
                else { throw HTTPFailure("a chunk has no size") }
                guard body.count + size <= limit else { throw HTTPFailure("its body is too long") }
                state = size == 0 ? .trailers : .data(remaining: size)
            case .data(let remaining):
                guard !rest.isEmpty else { return false }
                let taken = rest.prefix(remaining)
                body += taken
                rest = rest.dropFirst(taken.count)
                state = taken.count == remaining ? .dataEnd : .data(remaining: remaining - taken.count)
            case .dataEnd:
                guard let line = try Self.line(&rest) else { return false }
                guard line.isEmpty else { throw HTTPFailure("a chunk is longer than it says") }
                state = .size
            case .trailers:
                guard let line = try Self.line(&rest) else { return false }
                if line.isEmpty { state = .whole }
            case .whole:
                guard rest.isEmpty else { throw HTTPFailure("bytes follow its body") }
                return true
            }
        }
    }

    private static func line(_ rest: inout ArraySlice<UInt8>) throws(HTTPFailure) -> ArraySlice<UInt8>? {
        guard let end = rest.firstIndex(of: 0x0A) else {
            guard rest.count <= lineLimit else { throw HTTPFailure("a line of its body does not end") }
            return nil
        }
        let line = rest[..<end]
        guard line.count <= lineLimit, line.last == 0x0D else { throw HTTPFailure("a line of its body has no end") }
        rest = rest[(end + 1)...]
        return line.dropLast()
    }
}
