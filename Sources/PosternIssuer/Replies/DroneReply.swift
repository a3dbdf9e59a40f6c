package import PosternCore

/// A variable for a job.
package struct JobVariable: Hashable, Sendable {
    /// The one with the token.
    package static let tokenName = "POSTERN_ID_TOKEN"

    package let name: String
    package let value: String

    package init(name: String, value: String) {
        self.name = name
        self.value = value
    }

    /// Letters, digits and underscores, and no digit first.
    package static func isName(_ text: String) -> Bool {
        (1...128).contains(text.utf8.count) && text.first?.isNumber == false
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }
}

/// The media types and replies of Drone's extensions.
package enum DroneReply {
    package enum EnvironmentVersion: String, CaseIterable, Sendable {
        case v1 = "application/vnd.drone.env.v1+json"
        case v2 = "application/vnd.drone.env.v2+json"
    }

    package static let secretMediaType = "application/vnd.drone.secret.v1+json"
    /// The path under which a pipeline's `kind: secret` finds the token.
    package static let secretPath = "postern"

    /// The variables of a pipeline's containers. The token is masked in their output where the runner can.
    package static func environment(
        token: Redacted<String>,
        variables: [JobVariable],
        version: EnvironmentVersion
    ) -> IssuerReply {
        switch version {
        case .v1:
            var object: JSONObject = [JobVariable.tokenName: .string(token.reveal())]
            for variable in variables { object.append(variable.name, .string(variable.value)) }
            return .secret(.object(object))
        case .v2:
            let all =
                [(JobVariable(name: JobVariable.tokenName, value: token.reveal()), true)]
                + variables.map { ($0, false) }
            let list = all.map { variable, mask in
                JSONValue.object([
                    "name": .string(variable.name), "data": .string(variable.value), "mask": .bool(mask),
                ])
            }
            return .secret(.array(list))
        }
    }

    /// The secret that a step asked for.
    package static func secret(_ name: String, token: Redacted<String>) -> IssuerReply {
        .secret(
            .object([
                "name": .string(name), "data": .string(token.reveal()), "pull_request": .bool(false),
                "pull": .bool(false),
            ])
        )
    }
}

/// The reply of Woodpecker's secret extension.
package enum WoodpeckerReply {
    package static func secrets(token: Redacted<String>, variables: [JobVariable]) -> IssuerReply {
        let all = [JobVariable(name: JobVariable.tokenName, value: token.reveal())] + variables
        let list = all.map { JSONValue.object(["name": .string($0.name), "value": .string($0.value)]) }
        return .secret(.object(["secrets": .array(list)]))
    }
}
