internal import PosternCore
internal import PosternCrypto

/// A policy file as it was read: the journal keeps its bytes beside the records that were decided by it.
package struct PolicyFile: Hashable, Sendable {
    /// Relative to the policies' directory, with `/`.
    package let path: String
    package let contents: [UInt8]
    /// Lower-case hexadecimal.
    package let sha256: String

    package init(path: String, contents: [UInt8]) {
        self.path = path
        self.contents = contents
        sha256 = Hex.encode(Digest.sha256.hash(contents))
    }
}

/// All roles of a gateway, and the files that they came from.
package struct PolicySet: Hashable, Sendable {
    /// Sorted by path, in the order of its bytes.
    package let files: [PolicyFile]
    /// SHA-256 over the sorted `path NUL sha256 LF`, as lower-case hexadecimal (contract, section 6).
    package let hash: String
    private let rolesByName: [String: Role]

    /// - Precondition: the roles' names are unique.
    package init(roles: [Role], files: [PolicyFile]) {
        self.files = files.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
        rolesByName = Dictionary(uniqueKeysWithValues: roles.map { ($0.name, $0) })
        var input: [UInt8] = []
        for file in self.files {
            input.append(contentsOf: file.path.utf8)
            input.append(0)
            input.append(contentsOf: file.sha256.utf8)
            input.append(UInt8(ascii: "\n"))
        }
        hash = Hex.encode(Digest.sha256.hash(input))
    }

    /// The first twelve digits of the hash: what people say to each other.
    package var revision: String { String(hash.prefix(12)) }

    /// Sorted by name.
    package var roles: [Role] { rolesByName.values.sorted { $0.name < $1.name } }

    package func role(named name: String) -> Role? {
        // Dictionary keys compare by canonical equivalence; names are ASCII, so a name that is not finds nothing.
        rolesByName[name]
    }
}
