import PosternConfiguration
import PosternCore
import PosternDemo
import PosternNet
import PosternPolicy
import PosternServer

/// A private PostgreSQL with a catalogue to read, in a temporary folder that goes with it.
final class CatalogServer: Sendable {
    static let password = "vqj-catalog-secret"

    let folder: DemoFolder
    let postgres: PrivatePostgres
    private let cleanup = Cleanup()

    init() throws {
        folder = try DemoFolder()
        let certificates = try DemoCertificates()
        try Files.writePrivate(certificates.authorityPEM, to: folder.file("ca.crt"))
        try Files.writePrivate(DemoCertificates().authorityPEM, to: folder.file("other-ca.crt"))
        try Files.writePrivate(Self.password + "\n", to: folder.file("password"))
        try Files.writePrivate("wrong-\(Self.password)\n", to: folder.file("wrong"))
        do {
            postgres = try PrivatePostgres.start(
                in: folder.file("postgres"),
                binaries: .find(),
                certificates: certificates,
                cleanup: cleanup
            )
            try execute("create role catalog login password '\(Self.password)'")
        } catch {
            cleanup.run()
            folder.remove()
            throw error
        }
    }

    func stop() {
        cleanup.run()
        folder.remove()
    }

    func execute(_ sql: String) throws { try postgres.execute(sql, database: "postgres") }

    var address: CatalogAddress {
        CatalogAddress(folder: folder.path, port: postgres.port)
    }
}

/// Where a test's server is: as much as a child process must be told.
struct CatalogAddress: Codable, Sendable {
    let folder: String
    let port: UInt16

    func source(
        hosts: [Endpoint]? = nil,
        tls: UpstreamTLS? = nil,
        login: String = "catalog",
        password: String? = "password",
        edit: (inout DatabaseConfiguration) -> Void = { _ in }
    ) -> CatalogSource {
        let location = SourceLocation(file: "postern.yaml", line: 1, column: 1)
        var database = DatabaseConfiguration(
            name: "orders",
            hosts: hosts ?? [.network(host: "localhost", port: port)],
            databaseName: "postgres",
            tls: tls ?? UpstreamTLS(certificateAuthorities: folder + "/ca.crt"),
            logins: [],
            location: location
        )
        edit(&database)
        let secret = password.map { SecretReference.file(path: folder + "/" + $0) }
        return CatalogSource(
            database,
            login: DatabaseConfiguration.Login(name: login, password: secret, location: location)
        )
    }

    /// - Throws: `LibPQFailure`.
    static func read(
        _ source: CatalogSource,
        limits: CatalogLimits = CatalogLimits()
    ) async throws -> CatalogContents {
        let pool = BlockingPool(label: "catalogue.tests", threads: 2)
        let reader = CatalogReader(names: pool, secrets: SecretResolver(pool: pool), limits: limits)
        return try await reader.read(source)
    }

    /// Why a catalogue cannot be read; empty when it can.
    static func failure(_ source: CatalogSource, limits: CatalogLimits = CatalogLimits()) async -> String {
        do {
            _ = try await read(source, limits: limits)
            return ""
        } catch {
            return "\(error)"
        }
    }
}
