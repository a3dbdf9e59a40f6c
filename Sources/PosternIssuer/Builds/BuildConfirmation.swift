internal import PosternCore

/// Whether Drone's own API knows a build as the request describes it: whoever has a runner's shared secret can sign
/// requests for builds that never were, of repositories that are not theirs.
package enum BuildConfirmation {
    /// States in which a build may still have steps to run.
    private static let live: Set<String> = ["pending", "running"]
    private static let limits = JSONParser.Limits(bytes: IssuerLimits.bodyBytes, depth: 16, values: 50_000)

    /// The path of the build's repository under the server's URL.
    package static func repositoryPath(of build: Build) -> String {
        "/api/repos/\(escaped(build.namespace))/\(escaped(build.name))"
    }

    /// The path of the build under the server's URL.
    package static func path(of build: Build) -> String { "\(repositoryPath(of: build))/builds/\(build.number)" }

    /// Whether the repository is the one that the request says: what a token says of it is in no build's reply.
    ///
    /// - Parameters:
    ///   - status: of the API's reply.
    ///   - body: of the API's reply.
    /// - Returns: why the build gets no token; nil when the repository is confirmed.
    /// - Throws: when the reply answers nothing.
    package static func repositoryRefusal(
        of build: Build,
        status: Int,
        body: [UInt8]
    ) throws(Unanswered) -> BuildRefusal? {
        guard build.repository == build.namespace + "/" + build.name else {
            return .unconfirmed("`\(build.repository)` is not the repository's name")
        }
        guard let known = try reply(status, body) else { return .unconfirmed("there is no such repository") }
        var texts = [("uid", build.repositoryUID), ("slug", build.repository), ("namespace", build.namespace)]
        // What is empty is in no token.
        if !build.visibility.isEmpty { texts.append(("visibility", build.visibility)) }
        let flags = [("protected", build.isProtected), ("trusted", build.isTrusted)]
        let other =
            difference(known, numbers: [("id", build.repositoryID)]) ?? difference(known, texts: texts)
            ?? difference(known, flags: flags)
        return other.map { .unconfirmed("its repository's `\($0)` is another one") }
    }

    /// - Parameters:
    ///   - status: of the API's reply.
    ///   - body: of the API's reply.
    /// - Returns: why the build gets no token; nil when it is confirmed.
    /// - Throws: when the reply answers nothing.
    package static func refusal(of build: Build, status: Int, body: [UInt8]) throws(Unanswered) -> BuildRefusal? {
        guard let known = try reply(status, body) else { return .unconfirmed("there is no such build") }
        let numbers = [
            ("id", build.id), ("number", build.number), ("repo_id", build.repositoryID), ("parent", build.parent),
        ]
        let texts = [
            ("event", build.event), ("trigger", build.trigger), ("ref", build.ref), ("after", build.sha),
            ("source_repo", build.sourceRepository), ("source", build.source), ("target", build.target),
            ("sender", build.sender), ("author_login", build.author), ("deploy_to", build.deployTo),
            ("cron", build.cron),
        ]
        let other =
            difference(known, numbers: numbers) ?? difference(known, texts: texts)
            ?? difference(known, flags: [("debug", build.isDebug)])
        if let other { return .unconfirmed("its `\(other)` is another one") }
        guard Set(known["params"]?.objectValue?.members.map(\.name) ?? []) == Set(build.parameters) else {
            return .unconfirmed("its `params` are others")
        }
        guard let state = known["status"]?.stringValue, live.contains(state) else {
            return .unconfirmed("it is over")
        }
        return nil
    }

    /// The API did not say.
    package struct Unanswered: Error, Hashable, Sendable, CustomStringConvertible {
        package let description: String
    }

    /// - Returns: nil when there is no such thing.
    private static func reply(_ status: Int, _ body: [UInt8]) throws(Unanswered) -> JSONObject? {
        switch status {
        case 200: break
        case 404: return nil
        default: throw Unanswered(description: "it answers with status \(status)")
        }
        guard let known = (try? JSONParser.parse(body, limits: limits))?.objectValue else {
            throw Unanswered(description: "its answer is not understood")
        }
        return known
    }

    // What is absent has Go's zero value, as in the request.

    private static func difference(_ known: JSONObject, numbers: [(String, Int64)]) -> String? {
        numbers.first { (known[$0.0]?.numberValue?.integer ?? 0) != $0.1 }?.0
    }

    private static func difference(_ known: JSONObject, texts: [(String, String)]) -> String? {
        texts.first { (known[$0.0]?.stringValue ?? "") != $0.1 }?.0
    }

    private static func difference(_ known: JSONObject, flags: [(String, Bool)]) -> String? {
        flags.first { (known[$0.0] ?? .bool(false)) != .bool($0.1) }?.0
    }

    /// A part of a path (RFC 3986 section 3.3), in which nothing leads elsewhere.
    private static func escaped(_ text: String) -> String {
        // Two dots would be the folder above, for a server or for a program on the way.
        guard text != ".", text != ".." else { return "%2E" }
        return text.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
                String(decoding: [byte], as: UTF8.self)
            default: "%" + Hex.encode([byte]).uppercased()
            }
        }.joined()
    }
}
