import PosternCore
import PosternPolicy
import Testing

/// Every row of every table decides what it says.
struct TriggerTableTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let profile: IssuerProfile
        let row: TriggerTable.Row
        let value: TriggerTable.Value

        var testDescription: String { "\(profile.rawValue): \(row.claim) \(value)" }

        static let all: [Case] = IssuerProfile.allCases.flatMap { profile in
            (profile.facts.triggers?.rows ?? []).flatMap { row in
                row.values.map { Case(profile: profile, row: row, value: $0) }
            }
        }

        /// A token that is trusted but for this claim.
        func token() throws -> JSONObject {
            let good = try #require(IssuerFixture.of(profile).first { $0.untrusted == nil })
            let token = good.payload.replacing(row.claim, with: sample(in: good.payload))
            guard case .missingBeside(let other) = value else { return token }
            return token.replacing(other, with: .string("there"))
        }

        private func sample(in payload: JSONObject) -> JSONValue? {
            switch value {
            case .text(let text): return .string(text)
            case .number(let number): return .number(JSONNumber(number))
            case .flag(let flag): return .bool(flag)
            case .anyText: return .string("refs/heads/any")
            case .holding(let part): return .string("a\(part)b")
            case .sameAs(let other): return ClaimName(other)?.value(in: payload)
            case .missing, .missingBeside: return nil
            case .anythingElse:
                let takesTexts = profile.facts.triggers?.rows.contains {
                    $0.claim == row.claim && $0.values == [.anyText]
                }
                return takesTexts == true ? .number(JSONNumber(7)) : .string("something else")
            }
        }
    }

    @Test(arguments: Case.all)
    func `a row decides`(one: Case) throws {
        let untrusted = one.profile.trust.untrusted(try one.token())
        #expect((untrusted == nil) == one.row.isTrusted, "\(untrusted?.description ?? "trusted")")
        if let untrusted {
            #expect(untrusted.claim == one.row.claim)
            #expect(untrusted.why == one.row.why)
        }
    }

    @Test(arguments: IssuerProfile.allCases.filter { $0 != .generic })
    func `a table is whole, and every claim of it is known`(profile: IssuerProfile) throws {
        let facts = profile.facts
        let table = try #require(facts.triggers)
        for claim in table.claims {
            let values = table.rows.filter { $0.claim == claim }.flatMap(\.values)
            #expect(values.suffix(2) == [.anythingElse, .missing], "\(claim)")
            #expect(Set(values).count == values.count)
            #expect(table.rows.contains { $0.claim == claim && $0.isTrusted })
            #expect(facts.claims?.claim(named: claim) != nil)
        }
    }

    @Test func `what a value is called is short, on one line and never for the job`() throws {
        let long = JSONObject(
            dictionaryLiteral: ("event_name", .string("a\u{1B}[31m\n" + String(repeating: "x", count: 5000)))
        )
        let finding = try #require(IssuerProfile.github.trust.untrusted(long)?.finding)
        #expect(finding.utf8.count < 100)
        #expect(!finding.unicodeScalars.contains { $0.value < 0x20 })
    }

    @Test(arguments: [
        JSONValue.null, .bool(true), .number(JSONNumber(1)), .array([.string("push")]),
        .object(["push": .string("push")]), .string("push "), .string("PUSH"), .string("pu\u{301}sh"),
    ])
    func `only the very value is trusted`(value: JSONValue) {
        #expect(IssuerProfile.github.trust.untrusted(["event_name": value]) != nil)
    }
}
