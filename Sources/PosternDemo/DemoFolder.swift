internal import Glibc

/// The temporary folder that holds everything of one demo.
package struct DemoFolder: Sendable {
    package let path: String

    /// Makes a new folder under TMPDIR, or /tmp.
    ///
    /// Others may pass through it, but not list it: PostgreSQL may run as another user. What is secret inside has its
    /// own mode.
    package init() throws(DemoError) {
        let parent = getenv("TMPDIR").map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"
        var template = Array("\(parent)/postern-demo-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Files.failure("cannot make a folder in `\(parent)`") }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        guard chmod(path, 0o711) == 0 else { throw Files.failure("cannot open up `\(path)`") }
    }

    package func file(_ name: String) -> String { path + "/" + name }

    package func remove() { Files.remove(path) }
}
