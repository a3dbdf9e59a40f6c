/// Whom a verified client certificate names: what policies match and journals keep of it.
package struct CertificateNames: Hashable, Sendable {
    /// The distinguished name as RFC 4514 writes it, the most specific part first: `CN=runner-1,O=Acme`.
    package let subject: String
    /// The `dNSName`s of the subject's alternative names, in lower case; as the other two in the certificate's order.
    package let dns: [String]
    package let uris: [String]
    package let emails: [String]
    /// SHA-256 of the certificate (DER), as lower-case hexadecimal; empty where the certificate itself is not known.
    package let sha256: String

    package init(
        subject: String,
        dns: [String] = [],
        uris: [String] = [],
        emails: [String] = [],
        sha256: String = ""
    ) {
        self.subject = subject
        self.dns = dns
        self.uris = uris
        self.emails = emails
        self.sha256 = sha256
    }
}
