import Foundation
import PosternCore
import PosternTLS
import Testing

struct CertificateNamesTests {
    private func names(_ pem: String) throws -> CertificateNames {
        let path = NSTemporaryDirectory() + "postern-certificate-" + UUID().uuidString
        try pem.write(toFile: path, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try CertificateNames(certificateFile: path)
    }

    @Test func `a subject is written as RFC 4514 has it, and alternative names by their kinds`() throws {
        let names = try names(PEM.full)
        #expect(names.subject == ##"CN=läufer\091+OU=\#ci,O=Möbel\, Söhne,C=DE"##)
        #expect(names.dns == ["runner.test", "two.test"])
        #expect(names.uris == ["spiffe://a/b"] && names.emails == ["ops@test"])
        #expect(names.sha256.utf8.count == 64)
    }

    @Test func `a certificate needs no alternative names`() throws {
        let names = try names(PEM.none)
        #expect(names.subject == "CN=x")
        #expect(names.dns + names.uris + names.emails == [])
    }

    @Test(arguments: [PEM.nul, PEM.broken, PEM.many, "nothing"])
    func `what cannot be read whole is not read at all`(pem: String) {
        #expect(throws: TLSError.self) { _ = try names(pem) }
    }
}
