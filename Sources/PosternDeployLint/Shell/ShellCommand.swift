/// A simple command of a script: its words, unquoted, each with its place.
package struct ShellCommand: Hashable, Sendable {
    package struct Word: Hashable, Sendable {
        /// Without its quotes. An expansion stays as it is written: `$HOME/data`, `$(docker volume ls -q)`.
        package let text: String
        /// Counted from 0 in the script.
        package let line: Int
        /// Counted from 0 in the script's line, in Unicode scalars.
        package let column: Int
        /// Something in it is quoted, so it is no keyword of the shell.
        package let isQuoted: Bool
    }

    /// At least one.
    package let words: [Word]
    /// `NAME=value` before the first word.
    package var assignments: [Word] = []

    package var name: String {
        // `/usr/bin/docker` is `docker`.
        String(words[0].text.split(separator: "/").last ?? "")
    }

    package var texts: [String] { words.map(\.text) }
    package var arguments: ArraySlice<Word> { words.dropFirst() }
}
