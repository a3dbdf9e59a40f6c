import COpenSSL
import Glibc
import PosternUpstream

/// A blocking connection that drives one login; TLS by OpenSSL itself.
final class BlockingChannel {
    private let socket: Int32
    private var context: OpaquePointer?
    private var tls: OpaquePointer?

    init?(port: UInt16) {
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = loopback(port: port)
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else {
            close(socket)
            return nil
        }
    }

    deinit {
        SSL_free(tls)
        SSL_CTX_free(context)
        close(socket)
    }

    /// - Returns: the SHA-256 of the certificate, which is signed with it; nil when the handshake fails.
    private func startTLS() -> [UInt8]? {
        context = SSL_CTX_new(TLS_client_method())
        tls = SSL_new(context)
        guard SSL_set_fd(tls, socket) == 1, SSL_connect(tls) == 1, let certificate = SSL_get1_peer_certificate(tls)
        else { return nil }
        defer { X509_free(certificate) }
        var digest = [UInt8](repeating: 0, count: 32)
        var count: UInt32 = 0
        guard X509_digest(certificate, EVP_sha256(), &digest, &count) == 1 else { return nil }
        return digest
    }

    func send(_ bytes: [UInt8]) {
        let sent =
            tls == nil
            ? Int(Glibc.send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL)))
            : Int(SSL_write(tls, bytes, Int32(bytes.count)))
        precondition(sent == bytes.count, "a blocking socket takes all")
    }

    func receive() -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 8192)
        let count =
            tls == nil ? Int(recv(socket, &buffer, buffer.count, 0)) : Int(SSL_read(tls, &buffer, Int32(buffer.count)))
        return Array(buffer.prefix(max(0, count)))
    }

    /// Runs a login to its end.
    /// - Returns: also how often keys were derived.
    func logIn(_ plan: LoginPlan) -> (outcome: Result<LoginResult, UpstreamFailure>, derivations: Int) {
        var login = UpstreamLogin(plan)
        var derivations = 0
        var action = login.connected()
        while true {
            switch action {
            case .send(let bytes):
                send(bytes)
                action = .receive
            case .receive:
                let bytes = receive()
                action = bytes.isEmpty ? login.closed() : login.received(bytes)
            case .startEncryption:
                guard let digest = startTLS() else {
                    return (.failure(UpstreamFailure(.encryption, "no TLS")), derivations)
                }
                action = login.encryptionStarted(endPointDigest: digest)
            case .derive(let derivation):
                derivations += 1
                action = login.keysDerived(derivation.run())
            case .succeed(let result): return (.success(result), derivations)
            case .fail(let failure): return (.failure(failure), derivations)
            }
        }
    }
}
