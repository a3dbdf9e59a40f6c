package import PosternCore

/// What the gateway knows of a job beside its token: how it has come.
package struct GrantConnection: Sendable {
    /// nil when the job has shown no certificate.
    package let certificate: CertificateNames?
    /// nil where it is not known, and then nothing is asked of it: the policy verbs only.
    package let address: ClientAddress?
    /// `now - iat` at the moment of connecting, the issuer's clock skew taken off. nil where nothing is to be asked of
    /// it: a session that runs has had its token's age judged.
    package let tokenAge: Duration?

    package init(certificate: CertificateNames? = nil, address: ClientAddress? = nil, tokenAge: Duration? = nil) {
        self.certificate = certificate
        self.address = address
        self.tokenAge = tokenAge
    }
}
