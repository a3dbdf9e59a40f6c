import PosternDemo
import PosternNet
import Testing

struct DemoCertificatesTests {
    @Test(arguments: [["-verify_hostname", "localhost"], ["-verify_ip", "127.0.0.1"]])
    func `openssl accepts a server's certificate for this machine`(name: [String]) throws {
        try withFolder { folder in
            let certificates = try DemoCertificates()
            try Files.writePrivate(certificates.authorityPEM, to: folder.file("ca.crt"))
            let server = try certificates.writeServer("gateway", in: folder.path)
            let result = try run(
                "openssl",
                "verify",
                "-x509_strict",
                "-purpose",
                "sslserver",
                "-CAfile",
                folder.file("ca.crt"),
                name[0],
                name[1],
                server.certificate
            )
            #expect(result.exit.succeeded, "\(result.errorText)\(result.outputText)")
        }
    }

    @Test func `another name or another authority is refused`() throws {
        try withFolder { folder in
            let certificates = try DemoCertificates()
            try Files.writePrivate(certificates.authorityPEM, to: folder.file("ca.crt"))
            try Files.writePrivate(try DemoCertificates().authorityPEM, to: folder.file("other.crt"))
            let server = try certificates.writeServer("gateway", in: folder.path).certificate
            let name = ["-verify_hostname", "db.internal"]
            #expect(
                try !run("openssl", "verify", "-CAfile", folder.file("ca.crt"), name[0], name[1], server).exit.succeeded
            )
            #expect(try !run("openssl", "verify", "-CAfile", folder.file("other.crt"), server).exit.succeeded)
        }
    }

    @Test func `keys are readable by their owner alone, and belong to their certificate`() throws {
        try withFolder { folder in
            let server = try DemoCertificates().writeServer("gateway", in: folder.path)
            #expect(try run("stat", "-c", "%a", server.key).outputText == "600\n")
            let fromKey = try run("openssl", "pkey", "-in", server.key, "-pubout").outputText
            let fromCertificate = try run("openssl", "x509", "-in", server.certificate, "-noout", "-pubkey").outputText
            #expect(fromKey == fromCertificate)
            #expect(fromKey.hasPrefix("-----BEGIN PUBLIC KEY-----"))
        }
    }
}
