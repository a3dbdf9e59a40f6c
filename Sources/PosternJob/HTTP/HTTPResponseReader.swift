/// Why an HTTP response is not believed.
package struct HTTPFailure: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// Reads one HTTP/1.1 response (RFC 9112), as much of it as a token service needs, and strictly.
///
/// It is ours because `postern-job` needs nothing but glibc: libcurl and what it brings along would be most of its size. It
/// makes one request on one connection, follows no redirection, keeps nothing and decompresses nothing; what could be
/// read in two ways is an error.
package struct HTTPResponseReader: Sendable {
    package struct Response: Sendable {
        package let status: Int
        package let body: [UInt8]
    }

    private enum Body {
        /// Nothing follows the head: the answer to CONNECT, 204, 304.
        case none
        case length(Int)
        case chunked(ChunkedBody)
        /// Until the connection ends.
        case untilEnd
    }

    /// Status line and headers at most.
    package static let headLimit = 32 << 10

    private let isTunnel: Bool
    private let bodyLimit: Int
    private var input: [UInt8] = []
    private var head: (status: Int, body: Body)?

    /// - Parameter isTunnel: it answers CONNECT, so that a good answer has no body.
    package init(isTunnel: Bool = false, bodyLimit: Int) {
        self.isTunnel = isTunnel
        self.bodyLimit = bodyLimit
    }

    /// Takes bytes.
    ///
    /// - Parameter isEnd: the peer ended its side behind them, in good order.
    /// - Returns: the response when it is whole; nil: read on.
    package mutating func received(_ bytes: some Collection<UInt8>, isEnd: Bool = false) throws(HTTPFailure)
        -> Response?
    {
        input += bytes
        while head == nil {
            guard let end = Self.headEnd(input) else {
                guard input.count <= Self.headLimit else { throw HTTPFailure("its headers do not end") }
                guard !isEnd else { throw HTTPFailure("the connection ended within the headers") }
                return nil
            }
            guard end <= Self.headLimit else { throw HTTPFailure("its headers are too long") }
            let found = try parseHead(input[..<end])
            input.removeFirst(end)
            // 1xx are not the answer yet.
            if found.status >= 200 { head = found }
        }
        return try body(isEnd: isEnd)
    }

    private mutating func body(isEnd: Bool) throws(HTTPFailure) -> Response? {
        guard let (status, body) = head else { return nil }
        switch body {
        case .none:
            guard input.isEmpty else { throw HTTPFailure("bytes follow an answer without a body") }
            return Response(status: status, body: [])
        case .length(let length):
            guard input.count <= length else { throw HTTPFailure("its body is longer than it says") }
            if input.count == length { return Response(status: status, body: input) }
        case .chunked(var chunks):
            let isWhole = try chunks.received(&input, limit: bodyLimit)
            head = (status, .chunked(chunks))
            if isWhole { return Response(status: status, body: chunks.body) }
        case .untilEnd:
            guard input.count <= bodyLimit else { throw HTTPFailure("its body is too long") }
            if isEnd { return Response(status: status, body: input) }
        }
        guard !isEnd else { throw HTTPFailure("the connection ended within the body") }
        return nil
    }

    /// The offset behind the empty line.
    private static func headEnd(_ bytes: [UInt8]) -> Int? {
        guard bytes.count >= 4 else { return nil }
        for index in 3..<bytes.count
        where bytes[index] == 0x0A && bytes[(index - 3)...index].elementsEqual([13, 10, 13, 10]) {
            return index + 1
        }
        return nil
    }

    private func parseHead(_ bytes: ArraySlice<UInt8>) throws(HTTPFailure) -> (status: Int, body: Body) {
        var lines = bytes.dropLast(4).split(separator: 0x0A, omittingEmptySubsequences: false)[...]
        for index in lines.indices where index != lines.indices.last {
            guard lines[index].last == 0x0D else { throw HTTPFailure("a line of its headers ends without a return") }
            lines[index] = lines[index].dropLast()
        }
        let status = try Self.status(lines.popFirst() ?? [])
        var length: Int?
        var isChunked = false
        for line in lines {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex,
                line[..<colon].allSatisfy({ $0 > 0x20 && $0 < 0x7F })
            else { throw HTTPFailure("a line of its headers has no name") }
            let value = Self.trimmed(line[(colon + 1)...])
            switch String(decoding: line[..<colon], as: UTF8.self).lowercased() {
            case "content-length":
                guard length == nil, let number = Self.decimal(value) else {
                    throw HTTPFailure("its Content-Length is none")
                }
                guard number <= bodyLimit else { throw HTTPFailure("its body is too long") }
                length = number
            case "transfer-encoding":
                guard !isChunked, value.lowercased() == "chunked" else {
                    throw HTTPFailure("its Transfer-Encoding is unknown")
                }
                isChunked = true
            case "content-encoding" where value.lowercased() != "identity":
                throw HTTPFailure("its Content-Encoding was not asked for")
            default: break
            }
        }
        guard !(isChunked && length != nil) else { throw HTTPFailure("it has two lengths") }
        if status < 200 || status == 204 || status == 304 || (isTunnel && status < 300) { return (status, .none) }
        if isChunked { return (status, .chunked(ChunkedBody())) }
        return (status, length.map(Body.length) ?? .untilEnd)
    }

    private static func status(_ line: ArraySlice<UInt8>) throws(HTTPFailure) -> Int {
        let text = Array(line)
        let isHTTP = text.starts(with: "HTTP/1.1 ".utf8) || text.starts(with: "HTTP/1.0 ".utf8)
        guard isHTTP, text.count >= 12, text.count == 12 || text[12] == 0x20,
            let status = decimal(String(decoding: text[9..<12], as: UTF8.self)), 100...599 ~= status
        else { throw HTTPFailure("it is no answer of HTTP") }
        return status
    }

    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> String {
        let isSpace = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
        let front = bytes.drop(while: isSpace)
        return String(decoding: front.reversed().drop(while: isSpace).reversed(), as: UTF8.self)
    }

    private static func decimal(_ text: String) -> Int? {
        guard !text.isEmpty, text.utf8.count <= 10,
            text.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 })
        else { return nil }
        return Int(text)
    }
}
