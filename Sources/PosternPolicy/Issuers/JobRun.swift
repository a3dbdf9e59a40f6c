internal import PosternCore

/// The CI run that a token speaks for, as far as its claims tell: what an auditor asks by.
package struct JobRun: Hashable, Sendable {
    package let repository: String?
    package let ref: String?
    package let sha: String?
    package let id: String?
    /// The page of the run.
    package let url: String?

    init(repository: String? = nil, ref: String? = nil, sha: String? = nil, id: String? = nil, url: String? = nil) {
        self.repository = repository
        self.ref = ref
        self.sha = sha
        self.id = id
        self.url = url
    }

    /// The claims that most issuers use, where nothing else is known of one.
    static let usualClaims = ["repository", "ref", "sha", "run_id", "run_url"]
}

/// A token's claims, as those read them who look for its run.
struct RunClaims {
    private let claims: JSONObject
    let issuer: IssuerURL?

    init(_ claims: JSONObject, issuer: IssuerURL?) {
        self.claims = claims
        self.issuer = issuer
    }

    /// A text that is not empty, or a number as it is written. A claim of another type is left out.
    func text(_ name: String) -> String? {
        switch ClaimName(name)?.value(in: claims) {
        case .string(let text): text.isEmpty ? nil : text
        case .number(let number): number.text
        case .null, .bool, .array, .object, nil: nil
        }
    }

    /// The first of the claims that is there.
    func text(_ first: String, or second: String) -> String? { text(first) ?? text(second) }

    /// A link made of a server and the parts of a path, each of which may hold `/`.
    ///
    /// - Returns: nil when something is missing, or what a token says would lead elsewhere.
    func link(_ server: String?, _ parts: String?...) -> String? {
        guard let server else { return nil }
        var link = server
        for part in parts {
            guard let part else { return nil }
            for step in part.split(separator: "/", omittingEmptySubsequences: false) {
                guard !step.isEmpty, step != ".", step != ".." else { return nil }
                link += "/" + Self.encoded(step)
            }
        }
        return link
    }

    /// RFC 3986 section 2.3: what is not unreserved is written in per cent.
    private static func encoded(_ step: Substring) -> String {
        var text = ""
        for byte in step.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                text.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                text += "%" + (digits.count < 2 ? "0" : "") + digits
            }
        }
        return text
    }
}
