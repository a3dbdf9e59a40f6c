/// A place in a file that a person wrote; line and column count from 1, columns in Unicode scalars.
package struct SourceLocation: Hashable, Sendable, CustomStringConvertible {
    package let file: String
    package let line: Int
    package let column: Int

    package init(file: String, line: Int, column: Int) {
        self.file = file
        self.line = line
        self.column = column
    }

    /// The same place, with the file's path shortened to what is below the folder.
    package func fileNamed(from folder: String) -> SourceLocation {
        let prefix = folder + "/"
        guard file.utf8.starts(with: prefix.utf8) else { return self }
        return SourceLocation(file: String(file.dropFirst(prefix.count)), line: line, column: column)
    }

    package var description: String { "\(file):\(line):\(column)" }
}
