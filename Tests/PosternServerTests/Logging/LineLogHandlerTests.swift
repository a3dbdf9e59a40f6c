import Logging
import PosternServer
import Synchronization
import Testing

struct LineLogHandlerTests {
    /// What a handler hands on.
    private final class Lines: Sendable {
        let all = Mutex<[String]>([])
    }

    private struct Stream: TextOutputStream, Sendable {
        let lines: Lines
        mutating func write(_ string: String) { lines.all.withLock { $0.append(string) } }
    }

    @Test func `an event is one line, whatever was put into it`() throws {
        let lines = Lines()
        let base = StreamLogHandler(label: "test", stream: Stream(lines: lines))
        var logger = Logger(label: "test") { _ in LineLogHandler(base) }
        logger.logLevel = .info
        logger[metadataKey: "kept"] = "a\r\nb"
        let forged = "refs/heads/x\n2026-12-01T00:00:00+0000 info test: token issued\u{1B}[2K\u{2028}\u{202E}"
        logger.notice("said \(forged)", metadata: ["ref": "\(forged)", "list": ["\(forged)"], "plain": "é x=1"])
        let text = lines.all.withLock { $0.joined() }
        #expect(text.filter(\.isNewline).count == 1 && text.hasSuffix("\n"))
        #expect(!text.unicodeScalars.contains { ["\u{1B}", "\u{2028}", "\u{202E}", "\r"].contains($0) })
        #expect(text.contains("ref=refs/heads/x\\u{a}2026-12-01") && text.contains("kept=a\\u{d}\\u{a}b"))
        #expect(text.contains("plain=é x=1") && text.contains("said refs/heads/x\\u{a}"))
    }

    @Test func `the level is the base's own`() {
        var handler = LineLogHandler(StreamLogHandler.standardError(label: "test"))
        handler.logLevel = .error
        #expect(handler.logLevel == .error)
    }
}
