internal import COpenSSL
internal import Glibc
package import PosternCore

/// One end of a TLS connection, without a socket: ciphertext in, plaintext and ciphertext out.
///
/// The engine keeps no buffers of its own. Each call lends it the bytes that came from the network and the room for
/// what it makes, both of which may belong to the whole event loop. Confined to that loop: not `Sendable`.
package final class TLSEngine {
    package enum Phase: Hashable, Sendable {
        case handshaking
        case established
        /// The peer sent close_notify.
        case closed
        case failed(TLSError)
    }

    /// What one call made.
    package struct Progress {
        package var plaintext = 0
        package var ciphertext = 0
    }

    /// A record's payload at most (RFC 8446 section 5.1), and the room for one with everything around it.
    private static let recordPayload = 16 * 1024
    private static let recordRoom = recordPayload + 512

    package private(set) var phase = Phase.handshaking
    private let ssl: OpaquePointer
    // The BIO reads and writes through this struct by address, so it needs a fixed place; freed in deinit.
    private let scratch: UnsafeMutablePointer<postern_scratch>
    // An SSL does not keep its SSL_CTX's Swift owner alive.
    private let context: TLSContext

    /// The server's end: waits for a ClientHello.
    ///
    /// - Throws: `TLSError` when out of memory.
    package init(server context: TLSContext) throws(TLSError) {
        self.context = context
        (ssl, scratch) = try Self.make(context)
        SSL_set_accept_state(ssl)
    }

    /// The client's end.
    ///
    /// - Parameters:
    ///   - host: the name or IP address that was dialled; sent as SNI when it is a name.
    ///   - verifiesHost: whether the certificate must bear it (`verify-full`).
    ///   - offersALPN: whether `postgresql` is offered by ALPN, which direct TLS needs.
    /// - Throws: `TLSError` when out of memory or `host` cannot be checked.
    package init(
        client context: TLSContext,
        host: String,
        verifiesHost: Bool,
        offersALPN: Bool
    ) throws(TLSError) {
        self.context = context
        (ssl, scratch) = try Self.make(context)
        SSL_set_connect_state(ssl)
        let isAddress = Self.isAddress(host)
        if !isAddress { _ = postern_ssl_set_host_name(ssl, host) }
        if verifiesHost {
            let parameters = SSL_get0_param(ssl)
            let status =
                isAddress
                ? X509_VERIFY_PARAM_set1_ip_asc(parameters, host)
                : X509_VERIFY_PARAM_set1_host(parameters, host, host.utf8.count)
            guard status == 1 else { throw .fromQueue("checking for the host `\(host)`") }
        }
        if offersALPN {
            let protocols = [10] + Array("postgresql".utf8)
            SSL_set_alpn_protos(ssl, protocols, UInt32(protocols.count))
        }
    }

    private static func make(
        _ context: TLSContext
    ) throws(TLSError) -> (OpaquePointer, UnsafeMutablePointer<postern_scratch>) {
        ERR_clear_error()
        guard let ssl = SSL_new(context.pointer) else { throw .fromQueue("making a TLS connection") }
        let scratch = UnsafeMutablePointer<postern_scratch>.allocate(capacity: 1)
        scratch.initialize(to: postern_scratch())
        guard let bio = postern_scratch_bio_new(scratch) else {
            scratch.deallocate()
            SSL_free(ssl)
            throw .fromQueue("making a TLS connection")
        }
        SSL_set_bio(ssl, bio, bio)
        return (ssl, scratch)
    }

    private static func isAddress(_ host: String) -> Bool {
        var v4 = in_addr()
        var v6 = in6_addr()
        return inet_pton(AF_INET, host, &v4) == 1 || inet_pton(AF_INET6, host, &v6) == 1
    }

    deinit {
        SSL_free(ssl)
        scratch.deallocate()
    }

    /// Goes as far as the ciphertext that came from the network allows: handshake, then plaintext.
    ///
    /// - Parameters:
    ///   - input: what the socket gave, all of which is consumed. Empty for a client's first step.
    ///   - plaintext: room for at least `input.count` bytes and one record.
    ///   - ciphertext: room for what must be sent to the peer.
    /// - Returns: how much was written to each; `phase` says how things stand.
    package func receive(
        _ input: UnsafeRawBufferPointer,
        plaintext: UnsafeMutableRawBufferPointer,
        ciphertext: UnsafeMutableRawBufferPointer
    ) -> Progress {
        lend(input, ciphertext)
        var progress = Progress()
        if case .handshaking = phase { handshake() }
        if case .established = phase { progress.plaintext = read(into: plaintext) }
        progress.ciphertext = scratch.pointee.output_length
        return progress
    }

    /// Encrypts for the peer.
    ///
    /// - Returns: how much of `plaintext` was taken, which is less than all of it when `ciphertext` is too small,
    ///   and how much ciphertext there is to send.
    package func send(
        _ plaintext: UnsafeRawBufferPointer,
        ciphertext: UnsafeMutableRawBufferPointer
    ) -> (consumed: Int, ciphertext: Int) {
        guard maySend else { return (0, 0) }
        lend(UnsafeRawBufferPointer(start: nil, count: 0), ciphertext)
        var consumed = 0
        while consumed < plaintext.count, ciphertext.count - scratch.pointee.output_length >= Self.recordRoom {
            let amount = min(Self.recordPayload, plaintext.count - consumed)
            var written = 0
            ERR_clear_error()
            let status = SSL_write_ex(ssl, plaintext.baseAddress.map { $0 + consumed }, amount, &written)
            guard status == 1 else {
                phase = .failed(.fromQueue("writing TLS"))
                break
            }
            consumed += written
        }
        return (consumed, scratch.pointee.output_length)
    }

    /// Makes the close_notify alert that ends this side.
    package func close(ciphertext: UnsafeMutableRawBufferPointer) -> Int {
        guard maySend else { return 0 }
        lend(UnsafeRawBufferPointer(start: nil, count: 0), ciphertext)
        ERR_clear_error()
        _ = SSL_shutdown(ssl)
        ERR_clear_error()
        return scratch.pointee.output_length
    }

    /// A peer that sent close_notify has ended its side only.
    private var maySend: Bool {
        switch phase {
        case .established, .closed: true
        case .handshaking, .failed: false
        }
    }

    private func lend(_ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer) {
        scratch.pointee.input = input.baseAddress?.assumingMemoryBound(to: UInt8.self)
        scratch.pointee.input_length = input.count
        scratch.pointee.output = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
        scratch.pointee.output_capacity = output.count
        scratch.pointee.output_length = 0
    }

    private func handshake() {
        ERR_clear_error()
        let status = SSL_do_handshake(ssl)
        if status == 1 {
            phase = .established
            return
        }
        switch SSL_get_error(ssl, status) {
        case SSL_ERROR_WANT_READ: break
        default: phase = .failed(handshakeError())
        }
    }

    private func handshakeError() -> TLSError {
        let error = TLSError.fromQueue("TLS handshake")
        let verification = SSL_get_verify_result(ssl)
        guard verification != X509_V_OK, let text = X509_verify_cert_error_string(verification) else { return error }
        return TLSError(operation: error.operation, reasons: [String(cString: text)])
    }

    private func read(into plaintext: UnsafeMutableRawBufferPointer) -> Int {
        var total = 0
        while total < plaintext.count {
            var count = 0
            ERR_clear_error()
            let room = plaintext.baseAddress.map { $0 + total }
            if SSL_read_ex(ssl, room, plaintext.count - total, &count) == 1 {
                total += count
                continue
            }
            switch SSL_get_error(ssl, 0) {
            case SSL_ERROR_WANT_READ: return total
            case SSL_ERROR_ZERO_RETURN:
                phase = .closed
                return total
            default:
                phase = .failed(.fromQueue("reading TLS"))
                return total
            }
        }
        // The caller promised room for all of it; more plaintext than that is not ours to lose.
        if SSL_pending(ssl) > 0 || scratch.pointee.input_length > 0 {
            phase = .failed(TLSError(operation: "reading TLS", reasons: ["no room for the plaintext"]))
        }
        return total
    }

    // MARK: What the handshake agreed on

    /// Whether the peer negotiated `postgresql` by ALPN.
    package var negotiatedALPN: Bool {
        var name: UnsafePointer<UInt8>?
        var count: UInt32 = 0
        SSL_get0_alpn_selected(ssl, &name, &count)
        return count == 10
    }

    /// `TLSv1.3`, and so on.
    package var version: String { SSL_get_version(ssl).map { String(cString: $0) } ?? "" }

    /// Whether a client must show a certificate.
    package var asksForCertificate: Bool { context.asksForCertificate }

    /// Whom the peer's verified certificate names; nil when it has shown none.
    ///
    /// - Throws: `TLSError` when the certificate is good and its names are not what they may be.
    package func peerNames() throws(TLSError) -> CertificateNames? {
        guard let certificate = SSL_get1_peer_certificate(ssl) else { return nil }
        defer { X509_free(certificate) }
        return try CertificateNames(certificate)
    }

    /// The channel binding `tls-server-end-point` of the server's certificate (RFC 5929 section 4.1), client's end.
    ///
    /// - Returns: nil when the certificate's signature names no digest (Ed25519): there is no binding then.
    package var serverEndPointHash: [UInt8]? {
        guard let certificate = SSL_get1_peer_certificate(ssl) else { return nil }
        defer { X509_free(certificate) }
        var digest: Int32 = NID_undef
        guard X509_get_signature_info(certificate, &digest, nil, nil, nil) == 1, digest != NID_undef else {
            ERR_clear_error()
            return nil
        }
        let method =
            digest == NID_md5 || digest == NID_sha1
            ? EVP_sha256() : OBJ_nid2sn(digest).flatMap { EVP_get_digestbyname($0) }
        guard let method else { return nil }
        var bytes = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var count: UInt32 = 0
        guard X509_digest(certificate, method, &bytes, &count) == 1 else {
            ERR_clear_error()
            return nil
        }
        return Array(bytes.prefix(Int(count)))
    }
}
