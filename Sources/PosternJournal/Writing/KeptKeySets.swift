internal import Glibc

/// The issuers' last good key sets, which a gateway keeps beside its journal: `key-sets/ISSUER.json`.
///
/// They are no part of the journal: nothing is said about them in a chain, and `audit verify` does not look at them.
package struct KeptKeySets: Sendable {
    private let folder: String

    /// - Parameter directory: the journal's.
    package init(directory: String) {
        folder = directory + "/key-sets"
    }

    /// Where an issuer's key set lies.
    ///
    /// - Parameter issuer: a name of the configuration: lower-case letters, digits, `_` and `-`.
    package func path(of issuer: String) -> String { folder + "/" + issuer + ".json" }

    /// Blocks.
    ///
    /// - Returns: nil when none was kept.
    /// - Throws: when it cannot be read, is larger than `limit` bytes, or may be read or written by others.
    package func read(_ issuer: String, limit: Int) throws(JournalError) -> [UInt8]? {
        try Files.read(path(of: issuer), limit: limit, isPrivate: true)
    }

    /// Puts a key set in the place of the last one: after a crash either is there. Blocks for as long as the disk does.
    ///
    /// - Throws: when it cannot. The last one is gone then: it may hold a key that the issuer has withdrawn since.
    package func keep(_ contents: [UInt8], of issuer: String) throws(JournalError) {
        guard mkdir(folder, 0o700) == 0 || errno == EEXIST else { throw .last("making `\(folder)`") }
        do throws(JournalError) {
            try Files.replace(path(of: issuer), with: contents, mode: 0o600)
        } catch {
            unlink(path(of: issuer))
            throw error
        }
    }
}
