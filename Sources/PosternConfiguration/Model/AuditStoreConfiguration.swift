internal import PosternPolicy

/// PostgreSQL as the auditors' store: a server, and the login that loads the journal's records into it.
package struct AuditStoreConfiguration: Hashable, Sendable {
    /// How the server is reached, as for a database that jobs use; without logins.
    package var database: DatabaseConfiguration
    package var login: DatabaseConfiguration.Login

    package init(database: DatabaseConfiguration, login: DatabaseConfiguration.Login) {
        self.database = database
        self.login = login
    }
}
