package import PosternSQL

/// What judging has to know of the database that a role leads to.
package struct JudgedDatabase: Hashable, Sendable {
    /// The upstream database's name: three-part names must begin with it.
    package let name: Identifier
    /// The search path that the gateway gives every session.
    package let searchPath: [Identifier]
    /// The PostgreSQL role that the session runs as.
    package let login: Identifier

    package init(name: Identifier, searchPath: [Identifier], login: Identifier) {
        self.name = name
        self.searchPath = searchPath
        self.login = login
    }
}
