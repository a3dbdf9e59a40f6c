internal import COpenSSL

/// The settings of many TLS connections: protocol versions, certificate, trust.
///
/// A context never changes. A new certificate means a new context; connections keep the one that they began with.
///
/// `@unchecked Sendable`: an SSL_CTX that nobody configures any more may be used from any thread (OpenSSL's
/// threads(7)); it is configured in `init` alone.
package final class TLSContext: @unchecked Sendable {
    let pointer: OpaquePointer
    /// A server's clients must show a certificate.
    let asksForCertificate: Bool

    /// The two PEM files of one end's identity.
    package struct Identity: Hashable, Sendable {
        package var certificateFile: String
        package var keyFile: String

        package init(certificateFile: String, keyFile: String) {
            self.certificateFile = certificateFile
            self.keyFile = keyFile
        }
    }

    /// How a client judges the server's certificate.
    package enum Verification: Hashable, Sendable {
        /// A chain to a certificate of the file (the system's store when nil) and the host's name in it.
        case full(caFile: String?)
        /// A chain, any name.
        case chainOnly(caFile: String?)
    }

    /// The context of a gateway's listener: TLS 1.2 or newer, ALPN `postgresql`, no tickets, no renegotiation.
    ///
    /// - Parameter clientAuthorities: a PEM file with the authorities whose client certificates are taken; with it a
    ///   client must have one, for the use that it is made of (EKU `clientAuth`, where the certificate names uses).
    /// - Throws: `TLSError` when a file cannot be read or the key is not the certificate's.
    package init(server identity: Identity, clientAuthorities: String? = nil) throws(TLSError) {
        ERR_clear_error()
        guard let context = SSL_CTX_new(TLS_server_method()) else { throw .fromQueue("making a TLS context") }
        pointer = context
        asksForCertificate = clientAuthorities != nil
        configureCommon()
        postern_ssl_ctx_server_options(context)
        postern_ssl_ctx_require_alpn(context)
        try use(identity)
        if let clientAuthorities { try requireCertificate(from: clientAuthorities) }
    }

    /// The context for connections to a database.
    ///
    /// - Throws: `TLSError` when a file cannot be read or the key is not the certificate's.
    package init(client verification: Verification, identity: Identity?) throws(TLSError) {
        ERR_clear_error()
        guard let context = SSL_CTX_new(TLS_client_method()) else { throw .fromQueue("making a TLS context") }
        pointer = context
        asksForCertificate = false
        configureCommon()
        postern_ssl_ctx_client_options(context)
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nil)
        let caFile =
            switch verification {
            case .full(let file), .chainOnly(let file): file
            }
        if let caFile {
            guard SSL_CTX_load_verify_file(context, caFile) == 1 else {
                throw .fromQueue("reading the certificate authorities of `\(caFile)`")
            }
        } else {
            guard SSL_CTX_set_default_verify_paths(context) == 1 else {
                throw .fromQueue("reading the system's certificate authorities")
            }
        }
        if let identity { try use(identity) }
    }

    deinit { SSL_CTX_free(pointer) }

    private func configureCommon() {
        _ = postern_ssl_ctx_set_min_version(pointer, TLS1_2_VERSION)
        // An idle session gives its record buffers back: 15 kB a session instead of 27.
        _ = postern_ssl_ctx_set_mode(pointer, Int(SSL_MODE_RELEASE_BUFFERS))
        _ = postern_ssl_ctx_set_session_cache_mode(pointer, Int(SSL_SESS_CACHE_OFF))
    }

    /// OpenSSL's verification of a server's peers asks for the purpose `sslclient` by itself.
    private func requireCertificate(from file: String) throws(TLSError) {
        guard SSL_CTX_load_verify_file(pointer, file) == 1, let names = SSL_load_client_CA_file(file) else {
            throw .fromQueue("reading the certificate authorities of `\(file)`")
        }
        // What is told to clients, so that those with several certificates choose the right one.
        SSL_CTX_set_client_CA_list(pointer, names)
        SSL_CTX_set_verify(pointer, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nil)
    }

    private func use(_ identity: Identity) throws(TLSError) {
        guard SSL_CTX_use_certificate_chain_file(pointer, identity.certificateFile) == 1 else {
            throw .fromQueue("reading the certificate `\(identity.certificateFile)`")
        }
        guard SSL_CTX_use_PrivateKey_file(pointer, identity.keyFile, SSL_FILETYPE_PEM) == 1 else {
            throw .fromQueue("reading the key `\(identity.keyFile)`")
        }
        guard SSL_CTX_check_private_key(pointer) == 1 else {
            throw .fromQueue("the key `\(identity.keyFile)` is not that of `\(identity.certificateFile)`")
        }
    }
}
