import Foundation
import PosternCore
import PosternPolicy
import Testing

/// A token's payload as a CI system sends it, and what must become of it: an element of a file in Fixtures/Issuers.
struct IssuerFixture: CustomTestStringConvertible, Sendable {
    let profile: IssuerProfile
    let about: String
    let issuer: String
    /// What is wrong with the trigger; nil for a trusted one.
    let untrusted: String?
    /// What the journal says of the run; nil where the fixture does not say.
    let run: JSONObject?
    let payload: JSONObject

    var testDescription: String { "\(profile.rawValue): \(about)" }

    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    static let all: [IssuerFixture] = IssuerProfile.allCases.flatMap { profile in
        let file = root.appending(path: "Tests/PosternPolicyTests/Fixtures/Issuers/\(profile.rawValue).json")
        guard let data = try? Data(contentsOf: file),
            let value = try? JSONParser.parse(data, limits: .init(bytes: 1 << 18, depth: 8))
        else { return [IssuerFixture]() }
        return (value.arrayValue ?? []).compactMap { IssuerFixture(profile, $0) }
    }

    static func of(_ profile: IssuerProfile) -> [IssuerFixture] { all.filter { $0.profile == profile } }

    private init?(_ profile: IssuerProfile, _ value: JSONValue) {
        guard let object = value.objectValue, let about = object["about"]?.stringValue,
            let issuer = object["issuer"]?.stringValue, let payload = object["payload"]?.objectValue
        else { return nil }
        self.profile = profile
        self.about = about
        self.issuer = issuer
        self.payload = payload
        untrusted = object["untrusted"]?.stringValue
        run = object["run"]?.objectValue
    }
}

extension JSONObject {
    /// The same with another value at a claim's name or JSON pointer; nil takes the claim away.
    func replacing(_ claim: String, with value: JSONValue?) -> JSONObject {
        guard claim.hasPrefix("/") else { return replacing([claim[...]], with: value) }
        return replacing(claim.dropFirst().split(separator: "/")[...], with: value)
    }

    private func replacing(_ path: ArraySlice<Substring>, with value: JSONValue?) -> JSONObject {
        guard let first = path.first.map(String.init) else { return self }
        var copy = JSONObject()
        for member in members where member.name != first { copy.append(member.name, member.value) }
        if path.count > 1 {
            let inner = self[first]?.objectValue ?? JSONObject()
            copy.append(first, .object(inner.replacing(path.dropFirst(), with: value)))
        } else if let value {
            copy.append(first, value)
        }
        return copy
    }
}
