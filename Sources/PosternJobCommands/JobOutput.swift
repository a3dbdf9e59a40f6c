internal import Glibc
internal import PosternJob

/// What `exec` and `connect` say, all of it on standard error: standard output is the child's.
enum JobOutput {
    /// `postern: error: …`, `postern: hint: …` and the lines to add, indented.
    static func error(_ trouble: JobTrouble) {
        write("postern: error: \(trouble.message)\n" + more(trouble))
    }

    /// As an error, but the run goes on.
    static func warning(_ trouble: JobTrouble) {
        write("postern: warning: \(trouble.message)\n" + more(trouble))
    }

    /// Lines with the program's name in front.
    static func notes(_ lines: [String]) {
        write(lines.map { "postern: \($0)\n" }.joined())
    }

    private static func more(_ trouble: JobTrouble) -> String {
        (trouble.hint.map { "postern: hint: \($0)\n" } ?? "") + trouble.lines.map { "    \($0)\n" }.joined()
    }

    /// To standard output: what a diagnosis found.
    static func result(_ text: String) {
        write(text, to: STDOUT_FILENO)
    }

    private static func write(_ text: String, to descriptor: Int32 = STDERR_FILENO) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}
