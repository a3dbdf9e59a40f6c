internal import Glibc

/// The program through which long text is read on a terminal.
final class Pager {
    private static let usual = "less -FRX"
    // The C library's stream to the program: this object's alone, closed by `finish`.
    private let stream: UnsafeMutablePointer<FILE>

    /// Starts `$PAGER` as a shell command, as other programs do; nil when it is empty, `cat`, or cannot be started.
    init?() {
        let wish = getenv("PAGER").map { String(cString: $0) } ?? Self.usual
        guard !wish.isEmpty, wish != "cat" else { return nil }
        // Whoever leaves the pager early ends the pipe, not this program.
        signal(SIGPIPE, SIG_IGN)
        guard let stream = popen(wish, "w") else { return nil }
        self.stream = stream
    }

    func write(_ text: String) { fputs(text, stream) }

    /// Waits until the reader has read.
    func finish() { pclose(stream) }
}
