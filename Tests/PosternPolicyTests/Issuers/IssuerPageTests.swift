import Foundation
import PosternCore
import PosternPolicy
import Testing

/// docs/issuers.md prints what the code goes by.
struct IssuerPageTests {
    private let text: String

    init() throws {
        text = try String(contentsOf: IssuerFixture.root.appending(path: "docs/issuers.md"), encoding: .utf8)
    }

    private func section(_ profile: IssuerProfile) throws -> String {
        let sections = text.components(separatedBy: "\n## ")
        return try #require(sections.first { $0.contains("\n`profile: \(profile.rawValue)`\n") }, "\(profile.rawValue)")
    }

    private func rows(of text: String, under head: String) -> [String] {
        let lines = text.components(separatedBy: "\n")
        guard let start = lines.firstIndex(of: head) else { return [] }
        return Array(lines[(start + 2)...].prefix { $0.hasPrefix("|") })
    }

    @Test(arguments: IssuerProfile.allCases.filter { $0 != .generic })
    func `the page's triggers are the code's`(profile: IssuerProfile) throws {
        let expected = try #require(profile.facts.triggers).rows.map { row in
            let values = row.values.map(\.words).joined(separator: ", ")
            return "| `\(row.claim)` | \(values) | \(row.isTrusted ? "trusted" : "**untrusted**") | \(row.why) |"
        }
        let found = rows(of: try section(profile), under: "| claim | value | trigger | because |")
        #expect(found == expected, "\(expected.joined(separator: "\n"))")
    }

    @Test(arguments: IssuerProfile.allCases.filter { $0 != .generic })
    func `the page's claims are the code's`(profile: IssuerProfile) throws {
        let facts = profile.facts
        var expected: [String] = []
        for type in [KnownClaim.ValueType.text, .flagText, .number, .bool, .list, .object] {
            let names =
                (facts.claims?.claims ?? []).filter { $0.type == type && !Self.registered.contains($0.name) }
                .map { "`\($0.name)`" } + (type == .text ? facts.claims?.openPrefixes.map { "`\($0)…`" } ?? [] : [])
            if !names.isEmpty { expected.append("| \(type.description) | \(names.joined(separator: ", ")) |") }
        }
        let found = rows(of: try section(profile), under: "| type | claims |")
        #expect(found == expected, "\(expected.joined(separator: "\n"))")
    }

    private static let registered: Set = ["iss", "aud", "sub", "jti", "iat", "nbf", "exp"]

    @Test(arguments: IssuerProfile.allCases)
    func `the page's addresses and defaults are the code's`(profile: IssuerProfile) throws {
        let facts = profile.facts
        var expected: [String] = []
        if !facts.addresses.shapes.isEmpty {
            let shapes = facts.addresses.shapes.map { $0.hasPrefix("https") ? "`\($0)`" : $0 }
            expected.append("| issuer | \(shapes.joined(separator: ", ")) |")
        }
        expected.append("| algorithms | \(facts.algorithms.map { "`\($0)`" }.joined(separator: ", ")) |")
        expected.append("| tokens live at most | \(facts.maximumTokenLifetime.components.seconds / 60) minutes |")
        if let shared = facts.shared {
            let claims = shared.tenantClaims.map { "`\($0)`" }.joined(separator: ", ")
            expected.append("| an entry must name, at `https://\(shared.host)` | one of \(claims) |")
        }
        if let origin = facts.originClaim { expected.append("| an entry must name | `\(origin)` |") }
        let found = rows(of: try section(profile), under: "| | |")
        #expect(found == expected, "\(expected.joined(separator: "\n"))")
    }

    /// The cells name claims; with them the fixtures' runs come out.
    @Test(arguments: IssuerProfile.allCases)
    func `the page's table of runs is what the fixtures have`(profile: IssuerProfile) throws {
        let rows = rows(of: text, under: "| profile | repository | ref | sha | id |")
        let row = try #require(rows.first { $0.hasPrefix("| `\(profile.rawValue)` |") })
        let cells = row.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
        try #require(cells.count == 5)
        for fixture in IssuerFixture.of(profile) {
            guard let run = fixture.run else { continue }
            for (name, cell) in zip(["repository", "ref", "sha", "id"], cells.dropFirst()) {
                let found = cell.components(separatedBy: " or ").lazy.compactMap { Self.value(of: $0, fixture.payload) }
                    .first
                #expect(found == run[name]?.stringValue, "\(fixture.about): \(name)")
            }
        }
    }

    /// `a`/`b` is both of them; a dash is nothing.
    private static func value(of cell: String, _ payload: JSONObject) -> String? {
        let names = cell.matches(of: /`([^`]+)`/).map { String($0.1) }
        let values = names.compactMap { name -> String? in
            switch ClaimName(name)?.value(in: payload) {
            case .string(let text): text.isEmpty ? nil : text
            case .number(let number): number.text
            default: nil
            }
        }
        return names.isEmpty || values.count < names.count ? nil : values.joined(separator: "/")
    }
}

extension TriggerTable.Value {
    fileprivate var words: String {
        switch self {
        case .text(let text): "`\(text)`"
        case .number(let number): "`\(number)`"
        case .flag(let flag): "`\(flag)`"
        case .anyText: "any text"
        case .holding(let part): "a text with `\(part)`"
        case .sameAs(let other): "the same as `\(other)`"
        case .anythingElse: "anything else"
        case .missing: "missing"
        case .missingBeside(let other): "missing, beside `\(other)`"
        }
    }
}
