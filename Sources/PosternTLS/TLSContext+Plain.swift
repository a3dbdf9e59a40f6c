internal import COpenSSL

extension TLSContext {
    /// The context of a listener that is not a gateway's: as `init(server:)`, but whatever a client offers by ALPN
    /// is left unanswered, which HTTP clients take for HTTP/1.1.
    ///
    /// - Throws: `TLSError` when a file cannot be read or the key is not the certificate's.
    package convenience init(plainServer identity: Identity) throws(TLSError) {
        try self.init(server: identity)
        SSL_CTX_set_alpn_select_cb(pointer, nil, nil)
    }
}
