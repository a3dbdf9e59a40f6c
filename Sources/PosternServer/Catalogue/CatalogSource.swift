package import PosternConfiguration
internal import PosternPolicy

/// A database whose catalogue is read, and the login that reads it.
///
/// Two sources are equal when the same catalogue would be read in the same way: where the configuration's file says so
/// and what only sessions need is left out.
package struct CatalogSource: Hashable, Sendable {
    package let database: DatabaseConfiguration
    package let login: DatabaseConfiguration.Login

    package init(_ database: DatabaseConfiguration, login: DatabaseConfiguration.Login) {
        let nowhere = SourceLocation(file: "", line: 0, column: 0)
        self.login = DatabaseConfiguration.Login(name: login.name, password: login.password, location: nowhere)
        self.database = DatabaseConfiguration(
            name: database.name,
            hosts: database.hosts,
            targetSession: database.targetSession,
            databaseName: database.databaseName,
            tls: database.tls,
            clientCertificate: database.clientCertificate,
            authenticationMethods: database.authenticationMethods,
            connectTimeout: database.connectTimeout,
            superuser: database.superuser,
            logins: [],
            location: nowhere
        )
    }
}
