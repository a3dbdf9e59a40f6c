import PosternCore
import PostgresWire
import Testing

/// `|` stands for the separator 0x01.
private func data(_ text: String) -> Redacted<[UInt8]> {
    Redacted(text.utf8.map { $0 == UInt8(ascii: "|") ? 1 : $0 })
}

struct BearerMessageTests {
    @Test(arguments: [
        ("n,,|auth=Bearer a.b-c_d~+/==||", "a.b-c_d~+/=="), ("y,,|auth=bearer x||", "x"),
        ("n,,|auth=BEARER   x||", "x"), ("n,,|host=h|port=1|auth=Bearer x|more=y||", "x"),
        // No token at all: refused like any other that is not good.
        ("n,,|auth=Basic x||", ""), ("n,,|auth=Bearer||", ""), ("n,,|auth=Bearer ||", ""), ("n,,|auth=Bearerx||", ""),
        ("n,,|auth=Bearer x y||", ""), ("n,,|auth=Bearer =||", ""), ("n,,|auth=Bearer x=y||", ""),
        ("n,,|auth= ||", ""), ("n,,|auth=Bearer \"x\"||", ""),
    ])
    func `a token stands behind its scheme`(text: String, token: String) throws {
        #expect(try BearerMessage(data(text)) == .token(Redacted(Array(token.utf8))))
    }

    @Test func `an empty value asks where to get one`() throws {
        #expect(try BearerMessage(data("n,,|auth=||")) == .discovery)
        #expect(try BearerMessage(data("y,,|host=x|auth=||")) == .discovery)
    }

    @Test(arguments: [
        "", "n", "n,", "n,,", "n,,|", "x,,|auth=||", "n,,auth=||", "n,x,|auth=||", "n,,|auth=|", "n,,|auth=", "n,,||",
        "n,,|host=x||", "n,,|auth=||x", "n,,|auth=|||", "n,,|auth=|auth=||", "n,,|auth||", "n,,|=x|auth=||",
        "n,,|a1=x|auth=||", "n,,|AUTH=||", "n,,|auth=\u{7F}||", "n,,|auth=é||", "n,,|auth=Bearer x\0||",
        "p=tls-server-end-point,,|auth=||",
    ])
    func `anything else is malformed and its bytes are not repeated`(text: String) {
        #expect {
            _ = try BearerMessage(data(text))
        } throws: { error in
            guard let refusal = error as? Refusal else { return false }
            return refusal.sqlState == .protocolViolation && refusal.message == "malformed OAUTHBEARER message"
        }
    }

    @Test func `nobody speaks for somebody else`() {
        #expect {
            _ = try BearerMessage(data("n,a=root,|auth=||"))
        } throws: { ($0 as? Refusal)?.sqlState == .featureNotSupported }
    }

    @Test(arguments: [
        Array("OAUTHBEARER".utf8), Array("OAUTHBEARER\0".utf8), Array("OAUTHBEARER\0".utf8) + [0, 0, 0],
        Array("X\0".utf8) + [0, 0, 0, 1], Array("X\0".utf8) + [0, 0, 0, 1, 1, 1],
        Array("X\0".utf8) + [0xFF, 0xFF, 0xFF, 0xFF, 1], Array("X\0".utf8) + [0xFF, 0xFF, 0xFF, 0xFE],
        Array("X\0".utf8) + [0x7F, 0xFF, 0xFF, 0xFF, 1], [0xFF, 0, 0, 0, 0, 0], [],
    ])
    func `a first answer that is not whole is refused`(body: [UInt8]) {
        #expect {
            _ = try SASLInitialResponse(body: Redacted(body))
        } throws: { ($0 as? Refusal)?.sqlState == .protocolViolation }
    }

    @Test func `a first answer may have nothing to say, or say nothing`() throws {
        let silent = try SASLInitialResponse(body: Redacted(Array("OAUTHBEARER\0".utf8) + [0xFF, 0xFF, 0xFF, 0xFF]))
        #expect(silent.mechanism == "OAUTHBEARER" && silent.data == nil)
        let empty = try SASLInitialResponse(body: Redacted(Array("X\0".utf8) + [0, 0, 0, 0]))
        #expect(empty.data?.reveal() == [])
    }

    @Test func `the longest challenge is one that libpq reads`() throws {
        let short = OAuthChallenge(configuration: "https://a/.well-known/openid-configuration", scope: "openid")
        let json =
            "{\"status\":\"invalid_token\","
            + "\"openid-configuration\":\"https://a/.well-known/openid-configuration\",\"scope\":\"openid\"}"
        #expect(short.message == message("R", bigEndian(11) + Array(json.utf8)))
        let scope = String(repeating: "s", count: OAuthChallenge.textLimit - 9)
        #expect(OAuthChallenge(configuration: "https://a", scope: scope).message.count - 1 <= 2000)
    }

    /// Fixed seed: whatever is said ends in a message or a refusal.
    @Test func `random messages never crash`() {
        var generator = FixedGenerator(state: 0x0A07)
        let alphabet = Array("n,,|auth=Bearer x.y=|||ap".utf8.map { $0 == UInt8(ascii: "|") ? 1 : $0 }) + [0, 0xFF]
        var good = 0
        for _ in 0..<20_000 {
            var bytes = Array(data("n,,|auth=Bearer x.y.z||").reveal())
            for _ in 0..<Int.random(in: 0...3, using: &generator) {
                let index = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0...2, using: &generator) {
                case 0: bytes[index] = alphabet.randomElement(using: &generator) ?? 0
                case 1: bytes.insert(alphabet.randomElement(using: &generator) ?? 0, at: index)
                default: bytes.removeSubrange(index...)
                }
                if bytes.isEmpty { bytes = [1] }
            }
            if (try? BearerMessage(Redacted(bytes))) != nil { good += 1 }
        }
        #expect(good > 0 && good < 20_000)
    }
}
