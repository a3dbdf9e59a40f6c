internal import COpenSSL
package import PosternCore

extension CertificateNames {
    /// The most that a subject may have: certificates that people and machines are given have a few dozen bytes.
    private static let subjectLimit = 2048
    private static let alternativeNameLimit = 64
    private static let alternativeNameByteLimit = 1024

    /// Reads the names of a certificate in a PEM file. It is not verified.
    ///
    /// - Throws: `TLSError` when the file cannot be read, or the names are not what they may be.
    package init(certificateFile path: String) throws(TLSError) {
        ERR_clear_error()
        guard let file = BIO_new_file(path, "r") else { throw .fromQueue("reading the certificate `\(path)`") }
        defer { BIO_free(file) }
        guard let certificate = PEM_read_bio_X509(file, nil, nil, nil) else {
            throw .fromQueue("reading the certificate `\(path)`")
        }
        defer { X509_free(certificate) }
        try self.init(certificate)
    }

    /// - Throws: `TLSError` when there is more of it than the limits say, or a name holds what no name holds: nobody
    ///   shall match by half of a name, or by a name with an end in its middle.
    init(_ certificate: OpaquePointer) throws(TLSError) {
        var text = [UInt8](repeating: 0, count: Self.subjectLimit)
        let count = postern_certificate_subject(certificate, &text, text.count)
        guard count >= 0, let subject = String(validating: text[..<max(0, count)], as: UTF8.self) else {
            ERR_clear_error()
            throw Self.unusable("its subject cannot be read")
        }
        var broken: Int32 = 0
        let names = postern_certificate_alternative_names(certificate, &broken)
        defer { GENERAL_NAMES_free(names) }
        ERR_clear_error()
        guard broken == 0 else { throw Self.unusable("its alternative names cannot be read") }
        var found: [Int32: [String]] = [:]
        if let names {
            let total = postern_general_names_count(names)
            guard total <= Self.alternativeNameLimit else { throw Self.unusable("it has too many alternative names") }
            for index in 0..<max(0, total) {
                guard let name = try Self.text(of: names, index) else { continue }
                found[name.type, default: []].append(name.text)
            }
        }
        self.init(
            subject: subject,
            dns: (found[GEN_DNS] ?? []).map { $0.lowercased() },
            uris: found[GEN_URI] ?? [],
            emails: found[GEN_EMAIL] ?? [],
            sha256: Self.digest(of: certificate)
        )
    }

    /// - Returns: nil for a name that is no text.
    private static func text(
        of names: OpaquePointer,
        _ index: Int32
    ) throws(TLSError) -> (type: Int32, text: String)? {
        var type: Int32 = 0
        var bytes: UnsafePointer<UInt8>?
        var length = 0
        guard postern_general_name_text(names, index, &type, &bytes, &length) == 1 else { return nil }
        let content = UnsafeBufferPointer(start: bytes, count: length)
        guard (1...alternativeNameByteLimit).contains(length), content.allSatisfy({ (0x21..<0x7F).contains($0) }) else {
            throw unusable("an alternative name is no text")
        }
        return (type, String(decoding: content, as: UTF8.self))
    }

    private static func digest(of certificate: OpaquePointer) -> String {
        var bytes = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var count: UInt32 = 0
        guard X509_digest(certificate, EVP_sha256(), &bytes, &count) == 1 else { return "" }
        return Hex.encode(Array(bytes.prefix(Int(count))))
    }

    private static func unusable(_ reason: String) -> TLSError {
        TLSError(operation: "reading the certificate's names", reasons: [reason])
    }
}
