import PosternCore
import PosternDemo
import PosternNet
import Testing

struct DevIssuerTests {
    private let now = Timestamp(seconds: 1_800_000_000)

    private func mint(_ issuer: DevIssuer, keyID: String? = nil) throws -> [String] {
        let token = try issuer.mint(
            subject: "repo:acme/orders",
            audience: "postern.demo",
            claims: [("ref", "refs/heads/main"), ("repository", "acme/orders")],
            issuedAt: now,
            lifetime: .seconds(3600),
            keyID: keyID
        )
        return token.reveal().split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    }

    private func parse(_ bytes: [UInt8]) throws -> JSONValue {
        try JSONParser.parse(bytes, limits: .init(bytes: 10_000, depth: 8))
    }

    private func object(_ part: String) throws -> JSONObject {
        let bytes = try #require(Base64.decode(Array(part.utf8), .url))
        return try #require(try parse(bytes).objectValue)
    }

    /// The key set's key as a file for openssl, built from `n` and `e` alone.
    private func writePublicKey(_ issuer: DevIssuer, to folder: DemoFolder) throws -> String {
        let keys = try parse(Array(issuer.keySet.utf8)).objectValue?["keys"]?.arrayValue
        let key = try #require(keys?.first?.objectValue)
        func number(_ name: String) throws -> String {
            let text = try #require(key[name]?.stringValue)
            return "0x" + Hex.encode(try #require(Base64.decode(Array(text.utf8), .url)))
        }
        let structure = """
            asn1=SEQUENCE:public
            [public]
            algorithm=SEQUENCE:algorithm
            key=BITWRAP,SEQUENCE:key
            [algorithm]
            name=OID:rsaEncryption
            parameters=NULL
            [key]
            n=INTEGER:\(try number("n"))
            e=INTEGER:\(try number("e"))

            """
        try Files.writePrivate(structure, to: folder.file("key.conf"))
        let der = folder.file("key.der")
        let made = try run("openssl", "asn1parse", "-genconf", folder.file("key.conf"), "-noout", "-out", der)
        try #require(made.exit.succeeded, "\(made.errorText)")
        return der
    }

    private func verifies(_ token: [String], with issuer: DevIssuer) throws -> Bool {
        try withFolder { folder in
            let key = try writePublicKey(issuer, to: folder)
            try Files.writePrivate("\(token[0]).\(token[1])", to: folder.file("input"))
            let signature = try #require(Base64.decode(Array(token[2].utf8), .url))
            try Files.writePrivate(signature, to: folder.file("signature"))
            let arguments = ["-sha256", "-keyform", "DER", "-verify", key, "-signature", folder.file("signature")]
            let command = ProcessCommand("openssl", ["dgst"] + arguments + [folder.file("input")])
            return try ChildProcess.run(command, atMost: .seconds(30)).exit.succeeded
        }
    }

    @Test func `a token carries what was asked for`() throws {
        let issuer = DevIssuer(url: "https://localhost:1")
        let token = try mint(issuer)
        try #require(token.count == 3)
        let header = try object(token[0])
        #expect(header["alg"] == .string("RS256"))
        #expect(header["kid"] == .string(issuer.keyID))
        let claims = try object(token[1])
        #expect(claims["iss"] == .string("https://localhost:1"))
        #expect(claims["aud"] == .string("postern.demo"))
        #expect(claims["ref"] == .string("refs/heads/main"))
        #expect(claims["iat"]?.numberValue?.integer == 1_800_000_000)
        #expect(claims["exp"]?.numberValue?.integer == 1_800_003_600)
    }

    @Test func `openssl verifies a token with the published key`() throws {
        let issuer = DevIssuer(url: "https://localhost:1")
        #expect(try verifies(mint(issuer), with: issuer))
    }

    @Test func `a forger's token names the key and does not verify`() throws {
        let issuer = DevIssuer(url: "https://localhost:1")
        let forger = DevIssuer(url: "https://localhost:1")
        let token = try mint(forger, keyID: issuer.keyID)
        #expect(try object(token[0])["kid"] == .string(issuer.keyID))
        #expect(try !verifies(token, with: issuer))
    }

    @Test func `discovery names the key set`() throws {
        let issuer = DevIssuer(url: "https://localhost:1")
        let document = try #require(try parse(Array(issuer.discovery.utf8)).objectValue)
        #expect(document["issuer"] == .string("https://localhost:1"))
        #expect(document["jwks_uri"] == .string("https://localhost:1/jwks"))
    }
}
