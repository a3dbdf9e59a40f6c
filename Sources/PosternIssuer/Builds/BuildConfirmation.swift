internal import PosternCore

/// Whether Drone's own API knows a build as the request describes it: whoever has a runner's shared secret can sign
/// requests for builds that never were.
package enum BuildConfirmation {
    /// States in which a build may still have steps to run.
    private static let live: Set<String> = ["pending", "running"]
    private static let limits = JSONParser.Limits(bytes: IssuerLimits.bodyBytes, depth: 16, values: 50_000)

    /// The path of the build under the server's URL.
    package static func path(of build: Build) -> String {
        "/api/repos/\(escaped(build.namespace))/\(escaped(build.name))/builds/\(build.number)"
    }

    /// - Parameters:
    ///   - status: of the API's reply.
    ///   - body: of the API's reply.
    /// - Returns: why the build gets no token; nil when it is confirmed.
    /// - Throws: when the reply answers nothing.
    package static func refusal(of build: Build, status: Int, body: [UInt8]) throws(Unanswered) -> BuildRefusal? {
        guard build.repository == build.namespace + "/" + build.name else {
            return .unconfirmed("`\(build.repository)` is not the repository's name")
        }
        switch status {
        case 200: break
        case 404: return .unconfirmed("there is no such build")
        default: throw Unanswered(description: "it answers with status \(status)")
        }
        guard let known = (try? JSONParser.parse(body, limits: limits))?.objectValue else {
            throw Unanswered(description: "its answer is not understood")
        }
        let numbers = [
            ("id", build.id), ("number", build.number), ("repo_id", build.repositoryID), ("parent", build.parent),
        ]
        for (name, value) in numbers where (known[name]?.numberValue?.integer ?? 0) != value {
            return .unconfirmed("its `\(name)` is another one")
        }
        let texts = [
            ("event", build.event), ("trigger", build.trigger), ("ref", build.ref), ("after", build.sha),
            ("source_repo", build.sourceRepository), ("target", build.target),
        ]
        for (name, value) in texts where (known[name]?.stringValue ?? "") != value {
            return .unconfirmed("its `\(name)` is another one")
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
