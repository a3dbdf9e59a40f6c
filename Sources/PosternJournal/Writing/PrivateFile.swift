internal import Glibc

/// Small files that hold keys, for folders that are kept as a journal's is.
package enum PrivateFile {
    /// - Returns: nil when there is no such file.
    /// - Throws: when it is larger than `limit`, or others may read or write it.
    package static func read(_ path: String, limit: Int) throws(JournalError) -> [UInt8]? {
        try Files.read(path, limit: limit, isPrivate: true)
    }

    /// Puts a new file of mode 0600 in the place of the old one: after a crash either is there, never half of one.
    package static func replace(_ path: String, with contents: [UInt8]) throws(JournalError) {
        try Files.replace(path, with: contents, mode: 0o600)
    }
}
