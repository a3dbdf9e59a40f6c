internal import PosternCore
internal import PostgresWire

/// What must hold for any message of OAUTHBEARER, and for the message that carries it.
enum BearerProbe {
    private static let mechanism = Array("OAUTHBEARER".utf8)

    static func fault(of text: [UInt8]) -> String? {
        // Every text is somebody's first answer as well.
        _ = response(text)
        guard let carried = response(mechanism + [0] + length(text.count) + text), carried == text else {
            return "a first answer brings other data than it was given"
        }
        guard response(mechanism + [0] + length(text.count + 1) + text) == nil else {
            return "a first answer that is cut was read"
        }
        let first = message(text)
        guard message(text) == first else { return "two readings of one message differ" }
        guard case .token(let token)? = first else { return nil }
        return faultOfToken(token.reveal(), in: text)
    }

    private static func faultOfToken(_ token: [UInt8], in text: [UInt8]) -> String? {
        guard !token.isEmpty else { return nil }
        guard token.allSatisfy({ (0x21..<0x7F).contains($0) }) else { return "a token with a byte of no token" }
        guard token.count < text.count else { return "a token that is longer than its message" }
        let again = Array("n,,\u{1}auth=Bearer ".utf8) + token + [1, 1]
        return message(again) == .token(Redacted(token)) ? nil : "a token that was read is another one the next time"
    }

    private static func message(_ text: [UInt8]) -> BearerMessage? { try? BearerMessage(Redacted(text)) }

    private static func response(_ body: [UInt8]) -> [UInt8]? {
        (try? SASLInitialResponse(body: Redacted(body)))?.data?.reveal()
    }

    private static func length(_ count: Int) -> [UInt8] {
        [
            UInt8(truncatingIfNeeded: count >> 24), UInt8(truncatingIfNeeded: count >> 16),
            UInt8(truncatingIfNeeded: count >> 8), UInt8(truncatingIfNeeded: count),
        ]
    }
}
