internal import PosternCore
internal import PosternIssuer
internal import PosternPolicy

/// Every key of the configuration and of policy files, from the lists that the decoders go by.
package enum ConfigurationReference {
    package struct Entry: Hashable, Sendable {
        /// `databases.NAME.tls.mode`: NAME stands for a name that the author chooses, `[]` for the elements of a list.
        package let path: String
        package let key: Key
    }

    package static let configuration: [Entry] =
        entries("", Configuration.keys)
        + entries("gateway.", GatewayConfiguration.keys)
        + entries("listeners[].", ListenerConfiguration.keys)
        + entries("listeners[].tls.", ListenerConfiguration.tlsKeys)
        + entries("listeners[].oauth.", OAuthDiscovery.keys)
        + entries("issuers.NAME.", IssuerConfiguration.keys)
        + entries("issuers.NAME.authorization.", IssuerConfiguration.authorizationKeys)
        + entries("issuers.NAME.trust.", IssuerConfiguration.trustKeys)
        + entries("databases.NAME.", DatabaseConfiguration.keys)
        + entries("databases.NAME.tls.", UpstreamTLS.keys)
        + entries("databases.NAME.client_certificate.", DatabaseConfiguration.clientCertificateKeys)
        + entries("databases.NAME.logins.NAME.", DatabaseConfiguration.Login.keys)
        + entries("databases.NAME.logins.NAME.password.", SecretReference.keys)
        + entries("audit.", AuditConfiguration.keys)
        + entries("audit.signing_key.", AuditConfiguration.signingKeyKeys)
        + entries("audit.postgres.", AuditStoreConfiguration.keys)
        + entries("audit.postgres.password.", SecretReference.keys)
        + entries("audit.postgres.tls.", UpstreamTLS.keys)
        + entries("audit.postgres.client_certificate.", DatabaseConfiguration.clientCertificateKeys)
        + entries("admin.", AdminConfiguration.keys)
        + entries("limits.", GatewayLimits.keys)

    package static let policies: [Entry] =
        entries("", PolicyReader.fileKeys)
        + entries("roles.NAME.", Role.keys)
        + entries("roles.NAME.who[].", WhoEntry.keys)
        + entries("roles.NAME.who[].certificate.", CertificateMatcher.keys)
        + entries("roles.NAME.rules[].", Rule.keys)
        + entries("roles.NAME.audit.", Role.auditKeys)
        + entries("roles.NAME.limits.", RoleLimits.keys)

    package static let tests: [Entry] =
        entries("", PolicyTestReader.fileKeys)
        + entries("tests[].", PolicyTest.keys)
        + entries("tests[].certificate.", CertificateNames.testKeys)

    /// Of `issuer.yaml`.
    package static let issuer: [Entry] =
        entries("", TokenIssuerConfiguration.keys)
        + entries("listen.", TokenIssuerConfiguration.Listener.keys)
        + entries("listen.tls.", TokenIssuerConfiguration.Listener.tlsKeys)
        + entries("keys.", TokenIssuerConfiguration.Keys.keys)
        + entries("token.", TokenIssuerConfiguration.tokenKeys)
        + entries("journal.", TokenIssuerConfiguration.Journal.keys)
        + entries("drone.", TokenIssuerConfiguration.Drone.keys)
        + entries("drone.secrets[].", SecretReference.keys)
        + entries("drone.api.", TokenIssuerConfiguration.API.keys)
        + entries("drone.api.token.", SecretReference.keys)
        + entries("woodpecker.", TokenIssuerConfiguration.Woodpecker.keys)
        + entries("woodpecker.public_key.", TokenIssuerConfiguration.Woodpecker.publicKeyKeys)
        + entries("allow.", BuildRules.keys)

    private static func entries(_ prefix: String, _ keys: [Key]) -> [Entry] {
        keys.map { Entry(path: prefix + $0.name, key: $0) }
    }
}
