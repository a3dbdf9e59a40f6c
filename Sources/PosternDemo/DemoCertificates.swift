internal import COpenSSL
internal import PosternCrypto

/// A certificate authority for one demo, and the certificates that it signs for this machine.
///
/// P-256 keys, valid for a day, for `localhost` and `127.0.0.1`. The authority's key is never written down, so that
/// nothing more can be signed once the demo has ended.
///
/// `@unchecked Sendable`: key and certificate never change after `init`, and OpenSSL 3 allows concurrent use of both.
package final class DemoCertificates: @unchecked Sendable {
    private static let lifetime = 24 * 60 * 60
    /// Clocks of the machine's parts do not differ, but a certificate that begins now can look unborn in the same second.
    private static let backdating = 60

    private let key: PrivateKey
    private let certificate: OpaquePointer

    /// Makes a new authority.
    package init() throws(DemoError) {
        let key = try PrivateKey.p256()
        self.key = key
        certificate = try Self.sign(
            subject: "Postern demo authority",
            publicKey: key,
            issuer: nil,
            issuerKey: key,
            extensions: [
                (NID_basic_constraints, "critical,CA:TRUE,pathlen:0"),
                (NID_key_usage, "critical,keyCertSign,cRLSign"),
                (NID_subject_key_identifier, "hash"),
            ]
        )
    }

    deinit { X509_free(certificate) }

    /// The authority's certificate in PEM.
    package var authorityPEM: [UInt8] { pem { PEM_write_bio_X509($0, certificate) } }

    /// Makes a server's certificate and writes it to `NAME.crt` and `NAME.key` in a folder.
    ///
    /// - Returns: the two paths.
    package func writeServer(
        _ name: String,
        in folder: String
    ) throws(DemoError) -> (certificate: String, key: String) {
        let serverKey = try PrivateKey.p256()
        let server = try Self.sign(
            subject: name,
            publicKey: serverKey,
            issuer: certificate,
            issuerKey: key,
            extensions: [
                (NID_basic_constraints, "critical,CA:FALSE"),
                (NID_key_usage, "critical,digitalSignature"),
                (NID_ext_key_usage, "serverAuth"),
                (NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1"),
                (NID_subject_key_identifier, "hash"),
                (NID_authority_key_identifier, "keyid"),
            ]
        )
        defer { X509_free(server) }
        let paths = (certificate: "\(folder)/\(name).crt", key: "\(folder)/\(name).key")
        try Files.writePrivate(pem { PEM_write_bio_X509($0, server) }, to: paths.certificate)
        try Files.writePrivate(serverKey.pem, to: paths.key)
        return paths
    }

    private static func sign(
        subject: String,
        publicKey: PrivateKey,
        issuer: OpaquePointer?,
        issuerKey: PrivateKey,
        extensions: [(Int32, String)]
    ) throws(DemoError) -> OpaquePointer {
        guard let certificate = X509_new() else { throw .openSSL("making a certificate") }
        do throws(DemoError) {
            var serial = SecureRandom.bytes(16)
            // Positive and never zero (RFC 5280 section 4.1.2.2).
            serial[0] = serial[0] & 0x7F | 0x40
            let number = BN_bin2bn(serial, Int32(serial.count), nil)
            defer { BN_free(number) }
            let name = X509_get_subject_name(certificate)
            let steps: [Bool] = [
                X509_set_version(certificate, Int(X509_VERSION_3)) == 1,
                BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != nil,
                X509_gmtime_adj(X509_getm_notBefore(certificate), -backdating) != nil,
                X509_gmtime_adj(X509_getm_notAfter(certificate), lifetime) != nil,
                X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, subject, -1, -1, 0) == 1,
                X509_set_issuer_name(certificate, issuer.map { X509_get_subject_name($0) } ?? name) == 1,
                X509_set_pubkey(certificate, publicKey.pointer) == 1,
            ]
            guard steps.allSatisfy(\.self) else { throw DemoError.openSSL("filling a certificate") }
            for (identifier, value) in extensions {
                var context = X509V3_CTX()
                X509V3_set_ctx(&context, issuer ?? certificate, certificate, nil, nil, 0)
                guard let ext = X509V3_EXT_conf_nid(nil, &context, identifier, value) else {
                    throw DemoError.openSSL("making a certificate's extension")
                }
                defer { X509_EXTENSION_free(ext) }
                guard X509_add_ext(certificate, ext, -1) == 1 else {
                    throw DemoError.openSSL("adding a certificate's extension")
                }
            }
            guard X509_sign(certificate, issuerKey.pointer, EVP_sha256()) > 0 else {
                throw DemoError.openSSL("signing a certificate")
            }
            return certificate
        } catch {
            X509_free(certificate)
            throw error
        }
    }
}

/// A private key of the demo.
final class PrivateKey {
    let pointer: OpaquePointer

    private init(_ pointer: OpaquePointer) { self.pointer = pointer }
    deinit { EVP_PKEY_free(pointer) }

    static func p256() throws(DemoError) -> PrivateKey {
        guard let key = postern_p256_generate() else { throw .openSSL("making a P-256 key") }
        return PrivateKey(key)
    }

    /// PKCS #8.
    var pem: [UInt8] { PosternDemo.pem { PEM_write_bio_PrivateKey($0, pointer, nil, nil, 0, nil, nil) } }
}

/// Collects what a PEM_write_bio function writes.
func pem(_ write: (OpaquePointer) -> Int32) -> [UInt8] {
    guard let bio = BIO_new(BIO_s_mem()) else { preconditionFailure("out of memory") }
    defer { BIO_free(bio) }
    precondition(write(bio) == 1, "libcrypto cannot write PEM")
    var bytes = [UInt8](repeating: 0, count: Int(BIO_ctrl_pending(bio)))
    let count = BIO_read(bio, &bytes, Int32(bytes.count))
    return Array(bytes.prefix(Int(max(0, count))))
}

extension DemoError {
    fileprivate static func openSSL(_ doing: String) -> DemoError {
        let code = ERR_peek_last_error()
        ERR_clear_error()
        let reason = ERR_reason_error_string(code).map { String(cString: $0) } ?? "unknown error"
        return DemoError("\(doing): \(reason)")
    }
}
