import PosternCore
import PosternCrypto
import PosternIdentity
import PosternTestKit
import Testing

/// A row of `Fixtures/attacks.json`: how a token is made bad, and what it is refused for.
///
/// `Tests/Integration/support/attacks_tokens.py` makes the same tokens for a whole gateway. What a row may say:
///
/// - `header`, `payload`: the text in place of the usual one. `claims`: JSON texts of claims, null for none.
/// - `key`: who signs, `ec` where it is missing. `signature`: `good` where it is missing; `empty`, `stranger`, `hmac`, `pss`,
///   `der`, `long`, `short`, `bit`, `other`, or `hex:` with its bytes.
/// - `shape`: how the parts are put together; `{s~}` and `{p~}` are the same bytes spelt another way.
/// - In texts: `$now+N`, `$issuer`, `$ISSUER`, `$other`, `$homoglyph`, `$audience`, `$AUDIENCE`, `$pad:N`, `$byte:XX`, and
///   `$align` for what leaves unused bits behind the payload's last character.
struct Attack: Sendable, CustomTestStringConvertible {
    let number: Int
    let name: String
    let reason: TokenRefusal.Reason
    private let row: JSONObject

    var testDescription: String { "\(number): \(name)" }

    static let table = Result { try read() }

    private static func read() throws -> [Attack] {
        let folder = #filePath.split(separator: "/").dropLast().joined(separator: "/")
        let bytes = try #require(TestFiles.read("/\(folder)/Fixtures/attacks.json"))
        let value = try JSONParser.parse(bytes, limits: .init(bytes: 200_000, depth: 4))
        return try #require(value.arrayValue).map { element in
            let row = try #require(element.objectValue)
            return Attack(
                number: Int(try #require(row["number"]?.numberValue?.integer)),
                name: try #require(row["attack"]?.stringValue),
                reason: try #require(row["reason"]?.stringValue.flatMap(TokenRefusal.Reason.init(rawValue:))),
                row: row
            )
        }
    }

    func token(_ bench: AttackBench) throws -> Redacted<[UInt8]> {
        let header = bench.bytes(of: row["header"]?.stringValue ?? #"{"alg":"ES256","kid":"ec","typ":"JWT"}"#)
        let payload = try payload(bench)
        let input = Array((Base64.encode(header, .url) + "." + Base64.encode(payload, .url)).utf8)
        let signature = try bench.signature(
            row["signature"]?.stringValue ?? "good",
            of: input,
            key: row["key"]?.stringValue ?? "ec"
        )
        let parts = [
            "{h}": Base64.encode(header, .url), "{p}": Base64.encode(payload, .url),
            "{s}": Base64.encode(signature, .url), "{p~}": Self.respelt(Base64.encode(payload, .url)),
            "{s~}": Self.respelt(Base64.encode(signature, .url)),
        ]
        var text = row["shape"]?.stringValue ?? "{h}.{p}.{s}"
        for (mark, part) in parts { text = text.split(mark).joined(separator: part) }
        return Redacted(Array(text.utf8))
    }

    private func payload(_ bench: AttackBench) throws -> [UInt8] {
        if let text = row["payload"]?.stringValue { return bench.bytes(of: text) }
        var claims = TestClaims(issuer: AttackBench.issuer, audience: AttackBench.audience, now: AttackBench.now)
        for member in row["claims"]?.objectValue?.members ?? [] {
            claims = claims.with(member.name, member.value.stringValue)
        }
        for filler in ["", "x", "xx"] {
            let bytes = bench.bytes(of: claims.json.split("$align").joined(separator: filler))
            if bytes.count % 3 != 0 { return bytes }
        }
        return bench.bytes(of: claims.json)
    }

    /// The same bytes by a lenient decoder: the bits behind the last one are not zero.
    private static func respelt(_ text: String) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        guard let last = text.last, let index = alphabet.firstIndex(of: last), text.count % 4 != 0 else { return text }
        return text.dropLast() + String(alphabet[index + 1])
    }
}

/// Two issuers with keys of all kinds, good and bad ones, and one verifier.
struct AttackBench {
    static let now = Timestamp(seconds: 1_795_224_580)
    static let issuer = "https://ci.postern.test"
    static let other = "https://other.postern.test"
    static let audience = "postern.example"

    private let mints: [String: TokenMint]
    private let stranger: TokenMint
    private let keySets: [String: KeySet]
    private let secret: [UInt8]

    static let shared = Result { try AttackBench() }

    init() throws {
        let rsa = try TestKey(.rsa(bits: 2048))
        mints = [
            "ec": try TokenMint(.es256, keyID: "ec"), "rsa": TokenMint(key: rsa, .rs256, keyID: "rsa"),
            "weak": TokenMint(key: try TestKey(.rsa(bits: 1024)), .rs256, keyID: "weak"),
        ]
        stranger = try TokenMint(.es256, keyID: "ec")
        let ec = try #require(mints["ec"]).key
        secret = Array(JSONValue.object(try rsa.jwk()).text.utf8)
        var three = JSONObject()
        for member in try rsa.jwk(keyID: "three").members {
            three.append(member.name, member.name == "e" ? .string("Aw") : member.value)
        }
        var leaked = try ec.jwk(keyID: "leaked")
        leaked.append("d", .string("AA"))
        let keys: [JSONObject] = [
            try ec.jwk(keyID: "ec"), try TestKey(.curve(.p384)).jwk(keyID: "p384"),
            try rsa.jwk(keyID: "rsa", algorithm: "RS256"),
            try TestKey(.rsa(bits: 2048)).jwk(keyID: "rsa2", algorithm: "RS256"),
            try #require(mints["weak"]).key.jwk(keyID: "weak"), three, leaked,
            ["kty": .string("oct"), "kid": .string("shared"), "k": .string(Base64.encode(secret, .url))],
        ]
        keySets = [
            Self.issuer: try Self.keySet(keys),
            Self.other: try Self.keySet([try TestKey(.curve(.p256)).jwk(keyID: "ec")]),
        ]
    }

    private static func keySet(_ keys: [JSONObject]) throws -> KeySet {
        try KeySet.parse(Array(JSONValue.object(["keys": .array(keys.map { .object($0) })]).text.utf8))
    }

    /// What the token is refused for; nil when it is good.
    func reason(_ token: Redacted<[UInt8]>) -> TokenRefusal.Reason? {
        do throws(TokenRefusal) {
            let parsed = try CompactToken.parse(token)
            guard let keySet = keySets[parsed.unverifiedIssuer] else { throw TokenRefusal(.unknownIssuer, of: parsed) }
            let settings = IssuerSettings(name: "ci", issuer: parsed.unverifiedIssuer, audience: Self.audience)
            try parsed.checkHeader(settings)
            guard let key = keySet.key(for: parsed.header) else { throw TokenRefusal(.unknownKey, of: parsed) }
            _ = try TokenVerifier.verify(parsed, key: key, settings: settings, now: Self.now)
            return nil
        } catch {
            return error.reason
        }
    }

    func signature(_ kind: String, of input: [UInt8], key: String) throws -> [UInt8] {
        let mint = try #require(mints[key])
        let good = { try mint.key.sign(input, mint.algorithm) }
        switch kind {
        case "good": return try good()
        case "empty": return []
        case "stranger": return try stranger.key.sign(input, .es256)
        case "hmac": return Digest.sha256.authenticationCode(of: input, key: secret)
        case "pss": return try mint.key.sign(input, .ps256)
        case "der": return Self.der(try good())
        case "long": return try good() + [0]
        case "short": return try good().dropLast()
        case "bit":
            var bytes = try good()
            bytes[bytes.count / 2] ^= 1
            return bytes
        case "other": return try mint.key.sign(input + [0], mint.algorithm)
        default: return Self.hex(kind.dropFirst("hex:".count))
        }
    }

    private static func hex(_ digits: Substring) -> [UInt8] {
        let digits = Array(digits)
        return stride(from: 0, to: digits.count - 1, by: 2).compactMap { UInt8(String(digits[$0...$0 + 1]), radix: 16) }
    }

    private static func der(_ signature: [UInt8]) -> [UInt8] {
        func integer(_ number: ArraySlice<UInt8>) -> [UInt8] {
            var bytes = Array(number.drop { $0 == 0 })
            if bytes.first.map({ $0 >= 0x80 }) ?? true { bytes.insert(0, at: 0) }
            return [2, UInt8(bytes.count)] + bytes
        }
        let body = integer(signature[..<32]) + integer(signature[32...])
        return [0x30, UInt8(body.count)] + body
    }

    /// The text with everything that begins with `$` in place.
    func bytes(of text: String) -> [UInt8] {
        var pieces: [UInt8] = []
        var rest = text[...]
        while let dollar = rest.firstIndex(of: "$") {
            pieces += rest[..<dollar].utf8
            rest = rest[dollar...]
            let (bytes, length) = Self.meaning(of: rest)
            pieces += bytes
            rest = rest.dropFirst(length)
        }
        return pieces + rest.utf8
    }

    /// What stands for a word at the beginning of a text, and how long the word is.
    private static func meaning(of text: Substring) -> (bytes: [UInt8], length: Int) {
        let words = [
            "$issuer": issuer, "$ISSUER": issuer.uppercased(), "$other": other, "$audience": audience,
            "$AUDIENCE": audience.uppercased(), "$homoglyph": issuer.split("ci.").joined(separator: "c\u{456}."),
        ]
        for (word, meaning) in words where text.hasPrefix(word) { return (Array(meaning.utf8), word.count) }
        if text.hasPrefix("$pad:") {
            let digits = text.dropFirst(5).prefix { $0.isNumber }
            return ([UInt8](repeating: UInt8(ascii: "a"), count: Int(digits) ?? 0), 5 + digits.count)
        }
        if text.hasPrefix("$byte:") { return (hex(text.dropFirst(6).prefix(2)), 8) }
        if text.hasPrefix("$now") {
            let offset = text.dropFirst(4).prefix { $0 == "+" || $0 == "-" || $0.isNumber }
            return (Array(String(now.seconds + (Int64(offset) ?? 0)).utf8), 4 + offset.count)
        }
        return (Array("$".utf8), 1)
    }
}

extension String {
    /// The parts around every occurrence of a text.
    fileprivate func split(_ mark: String) -> [String] {
        var parts: [String] = []
        var current = ""
        var rest = self[...]
        while !rest.isEmpty {
            if rest.hasPrefix(mark) {
                parts.append(current)
                current = ""
                rest = rest.dropFirst(mark.count)
            } else {
                current.append(rest.removeFirst())
            }
        }
        return parts + [current]
    }
}
