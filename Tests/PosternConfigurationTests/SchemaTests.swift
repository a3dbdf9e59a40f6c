import Foundation
import PosternConfiguration
import PosternCore
import PosternIssuer
import PosternPolicy
import PosternSQL
import Testing

/// The JSON Schemas of docs/schema/ and the decoders' key lists say the same.
struct SchemaTests {
    /// A key that a schema describes, with all that it says of it.
    private struct Property {
        let schema: JSONObject
        let isRequired: Bool
    }

    struct Document: CustomTestStringConvertible, Sendable {
        let name: String
        let entries: [ConfigurationReference.Entry]
        var manual = "configuration.md"
        var testDescription: String { name }
    }

    static let documents = [
        Document(name: "postern", entries: ConfigurationReference.configuration),
        Document(name: "policy", entries: ConfigurationReference.policies),
        Document(name: "policy-test", entries: ConfigurationReference.tests),
        Document(name: "issuer", entries: ConfigurationReference.issuer, manual: "issuer.md"),
    ]
    /// Defaults that only words can say.
    private static let prose: Set = [
        "gateway.name", "gateway.loops", "issuers.NAME.jwks_uri", "issuers.NAME.ca_file",
        "issuers.NAME.max_token_age", "issuers.NAME.algorithms", "issuers.NAME.max_token_lifetime",
        "databases.NAME.dbname", "databases.NAME.tls.ca_file", "databases.NAME.search_path",
        "audit.signing_key", "audit.retain", "audit.postgres.tls.ca_file",
        "admin", "roles.NAME.rules[].on",
        "drone", "drone.api", "drone.api.ca_file", "woodpecker",
    ]

    private static let docs = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "docs")

    private func schema(_ name: String) throws -> JSONObject {
        let data = try Data(contentsOf: Self.docs.appending(path: "schema/\(name).schema.json"))
        return try #require(
            JSONParser.parse(data, limits: .init(bytes: 1 << 20, depth: 32)).objectValue
        )
    }

    /// The keys by their paths, as the manual names them.
    private func properties(of name: String) throws -> [String: Property] {
        let root = try schema(name)
        var found: [String: Property] = [:]
        func walk(_ schema: JSONObject, _ path: String) {
            if let reference = schema["$ref"]?.stringValue {
                // What a claim's matcher may be is no key of its own.
                guard !reference.hasPrefix("#/$defs/matcher") else { return }
                if let target = root["$defs"]?.objectValue?[String(reference.dropFirst(8))]?.objectValue {
                    walk(target, path)
                }
            }
            for alternative in schema["anyOf"]?.arrayValue ?? [] {
                alternative.objectValue.map { walk($0, path) }
            }
            schema["items"]?.objectValue.map { walk($0, path + "[]") }
            schema["additionalProperties"]?.objectValue.map {
                walk($0, path.isEmpty ? "NAME" : path + ".NAME")
            }
            let required = schema["required"]?.arrayValue?.compactMap(\.stringValue) ?? []
            for member in schema["properties"]?.objectValue?.members ?? [] {
                guard let value = member.value.objectValue else { continue }
                let inner = path.isEmpty ? member.name : path + "." + member.name
                found[inner] = Property(schema: value, isRequired: required.contains(member.name))
                walk(value, inner)
            }
        }
        walk(root, "")
        return found
    }

    @Test(arguments: documents)
    func `a schema has the decoder's keys, and requires the same`(document: Document) throws {
        let properties = try properties(of: document.name)
        #expect(Set(properties.keys).symmetricDifference(document.entries.map(\.path)) == [])
        for entry in document.entries {
            #expect(
                properties[entry.path]?.isRequired == (entry.key.support == .required),
                "\(entry.path)"
            )
        }
    }

    @Test(arguments: documents)
    func `a schema refuses every other key`(document: Document) throws {
        func walk(_ value: JSONValue, _ path: String) {
            switch value {
            case .object(let object):
                let isMatcherOrCondition = path.contains("oneOf") || path.contains("allOf")
                if object["properties"] != nil, !isMatcherOrCondition {
                    #expect(object["additionalProperties"] == .bool(false), "\(path)")
                }
                for member in object.members { walk(member.value, path + "/" + member.name) }
            case .array(let elements): for element in elements { walk(element, path) }
            case .null, .bool, .number, .string: break
            }
        }
        walk(.object(try schema(document.name)), document.name)
    }

    @Test(arguments: documents)
    func `a schema's defaults are the code's`(document: Document) throws {
        let properties = try properties(of: document.name)
        for entry in document.entries
        where entry.key.support == .optional && !Self.prose.contains(entry.path) {
            let written = properties[entry.path]?.schema["default"].map(Self.text)
            #expect(written == entry.key.defaultText, "\(entry.path)")
        }
        for path in Self.prose { #expect(properties[path]?.schema["default"] == nil, "\(path)") }
    }

    private static func text(_ value: JSONValue) -> String {
        switch value {
        case .string(let text): text
        case .array(let elements): "[" + elements.map(text).joined(separator: ", ") + "]"
        case .bool(let value): String(value)
        case .number(let number): number.text
        case .null, .object: value.kind
        }
    }

    @Test(arguments: documents)
    func `a schema's descriptions are the manual's`(document: Document) throws {
        let manual = try String(
            contentsOf: Self.docs.appending(path: document.manual),
            encoding: .utf8
        )
        let paragraphs = manual.split(separator: "\n\n", omittingEmptySubsequences: false)
        for (path, property) in try properties(of: document.name) {
            let title = try #require(paragraphs.firstIndex { $0 == "### \(path)" })
            let prose = String(paragraphs[title + 1].map { $0 == "\n" ? " " : $0 })
            #expect(property.schema["description"]?.stringValue == prose, "\(path)")
        }
    }

    @Test func `a schema's words are the code's`() throws {
        func words<Value: RawRepresentable & CaseIterable>(_ type: Value.Type) -> Set<String>
        where Value.RawValue == String { Set(type.allCases.map(\.rawValue)) }
        let expected: [String: [String: Set<String>]] = [
            "postern": [
                "issuers.NAME.profile": words(IssuerProfile.self),
                "databases.NAME.target_session_attrs": words(DatabaseConfiguration.TargetSession.self),
                "databases.NAME.tls.mode": words(UpstreamTLS.Mode.self),
                "databases.NAME.tls.negotiation": words(UpstreamTLS.Negotiation.self),
                "listeners[].authentication": words(ListenerConfiguration.Authentication.self),
                "audit.sync": words(AuditConfiguration.Sync.self),
                "audit.postgres.tls.mode": words(UpstreamTLS.Mode.self),
                "audit.postgres.tls.negotiation": words(UpstreamTLS.Negotiation.self),
            ],
            "policy": [
                "roles.NAME.mode": words(RoleMode.self), "roles.NAME.unparsed": words(UnparsedMode.self),
                "roles.NAME.audit.sql": words(AuditedSQL.self),
            ],
            "policy-test": [
                "tests[].expect": words(PolicyTest.Expectation.self),
                "tests[].would": words(Decision.Verdict.self),
            ],
            "issuer": [:],
        ]
        for document in Self.documents {
            let enumerations = try properties(of: document.name).compactMapValues { property in
                property.schema["enum"]?.arrayValue.map { Set($0.compactMap(\.stringValue)) }
            }
            #expect(enumerations == expected[document.name], "\(document.name)")
        }
        let lists: [(String, [String], Set<String>)] = [
            (
                "postern",
                [
                    "properties", "issuers", "additionalProperties", "properties", "algorithms", "items",
                    "enum",
                ],
                Set(IssuerConfiguration.algorithmNames)
            ),
            (
                "postern",
                [
                    "properties", "databases", "additionalProperties", "properties", "auth_methods", "items",
                    "enum",
                ],
                words(DatabaseConfiguration.AuthenticationMethod.self)
            ),
            (
                "postern",
                [
                    "properties", "audit", "properties", "postgres", "properties", "auth_methods", "items", "enum",
                ],
                words(DatabaseConfiguration.AuthenticationMethod.self)
            ),
            ("policy", ["$defs", "word", "enum"], Set(Rule.Subject.words)),
            (
                "issuer", ["properties", "allow", "properties", "events", "items", "enum"],
                Set(BuildRules.knownEvents)
            ),
        ]
        for (name, path, expected) in lists {
            let value = path.reduce(JSONValue.object(try schema(name))) { value, key in
                value.objectValue?[key] ?? .null
            }
            #expect(Set(value.arrayValue?.compactMap(\.stringValue) ?? []) == expected, "\(path)")
        }
    }
}
