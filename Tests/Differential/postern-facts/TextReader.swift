internal import Glibc

/// Texts that end with a NUL each.
enum TextReader {
    /// Reads to the end of the input; what follows the last NUL is no text.
    static func forEach(in descriptor: Int32, _ body: ([UInt8]) -> Void) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        var text: [UInt8] = []
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            guard count > 0 else { return }
            let pieces = buffer[..<count].split(separator: 0, omittingEmptySubsequences: false)
            for piece in pieces.dropLast() {
                body(text + piece)
                text = []
            }
            text += pieces.last ?? []
        }
    }
}
