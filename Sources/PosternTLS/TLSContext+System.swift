internal import COpenSSL
internal import Glibc

extension TLSContext {
    /// Where distributions keep the authorities that they trust, for an OpenSSL that was built for another one.
    private static let bundles = [
        "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
        "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem",
    ]

    /// The context of a client that believes the system's authorities (SSL_CERT_FILE and SSL_CERT_DIR name others), and
    /// those of a file as well.
    ///
    /// - Throws: `TLSError` when the file cannot be read.
    package convenience init(systemAnd caFile: String?) throws(TLSError) {
        try self.init(client: .full(caFile: nil), identity: nil)
        if getenv("SSL_CERT_FILE") == nil, let bundle = Self.bundles.first(where: { access($0, R_OK) == 0 }) {
            // A bundle that cannot be read leaves fewer authorities, never more.
            _ = SSL_CTX_load_verify_file(pointer, bundle)
            ERR_clear_error()
        }
        guard let caFile else { return }
        guard SSL_CTX_load_verify_file(pointer, caFile) == 1 else {
            throw .fromQueue("reading the certificate authorities of `\(caFile)`")
        }
    }
}
