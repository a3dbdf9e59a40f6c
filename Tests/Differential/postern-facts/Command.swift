internal import Glibc
internal import PosternCore
internal import PosternFuzz

/// Reads texts on standard input, each ended by a NUL, and writes a line of JSON for each: the facts of its statements,
/// or why there are none.
@main
struct FactsCommand {
    static func main() {
        guard LargeStack.run({ TextReader.forEach(in: STDIN_FILENO) { answer($0) } }) else {
            fail("no room for a thread")
        }
    }

    private static func answer(_ text: [UInt8]) {
        var writer = FactsWriter()
        writer.write(text)
        var line = (writer.json.bytes + [UInt8(ascii: "\n")])[...]
        while !line.isEmpty {
            let count = line.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            guard count > 0 else { fail("the answer cannot be written") }
            line = line.dropFirst(count)
        }
    }

    private static func fail(_ reason: String) -> Never {
        let message = Array("postern-facts: \(reason)\n".utf8)
        _ = write(STDERR_FILENO, message, message.count)
        exit(1)
    }
}
