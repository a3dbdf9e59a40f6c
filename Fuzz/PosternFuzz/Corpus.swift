internal import Glibc

/// The texts that mutation begins with.
package enum Corpus {
    /// Longer statements are left out: they slow down what comes of them.
    private static let maximumSize = 8 * 1024

    /// The texts of a target's files in some folders, in the order of folders and names: the statements of `*.sql`, the
    /// lines of all others.
    package static func read(_ folders: [String], for target: FuzzTarget = .sql) -> [[UInt8]] {
        folders.flatMap { folder in
            names(in: folder).filter { $0.hasSuffix(target.suffix) }.flatMap { name in
                let text = contents("\(folder)/\(name)")
                return target == .sql ? statements(of: text) : lines(of: text)
            }
        }
    }

    private static func lines(of text: [UInt8]) -> [[UInt8]] {
        text.split(separator: UInt8(ascii: "\n")).map(Array.init)
    }

    /// Cuts at lines that end with a semicolon, and drops psql's own lines: good enough for something to mutate.
    static func statements(of text: [UInt8]) -> [[UInt8]] {
        var statements: [[UInt8]] = []
        var current: [UInt8] = []
        for line in text.split(separator: UInt8(ascii: "\n")) where line.first != UInt8(ascii: "\\") {
            current += line + [UInt8(ascii: "\n")]
            guard line.last == UInt8(ascii: ";") else { continue }
            if current.count <= maximumSize { statements.append(Array(current.dropLast(2))) }
            current = []
        }
        return statements
    }

    /// A file's bytes, none when it cannot be read.
    package static func contents(_ path: String) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return [] }
        defer { close(descriptor) }
        var contents: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            guard count > 0 else { return contents }
            contents += buffer[..<count]
        }
    }

    /// Sorted by bytes.
    package static func names(in folder: String) -> [String] {
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            names.append(name)
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
}
