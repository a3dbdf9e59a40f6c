package import PosternCore

/// The reply of a CI system's token service.
package enum TokenReply {
    /// A reply's body at most. A token has some thousand bytes.
    package static let bodyLimit = 256 << 10

    /// The token in the reply's JSON.
    ///
    /// - Throws: `JobTrouble` without a word of the body, which may hold anything.
    package static func token(
        status: Int,
        body: [UInt8],
        of request: TokenRequest,
        system: CISystem
    ) throws(JobTrouble) -> Redacted<[UInt8]> {
        guard status == 200 else {
            throw JobTrouble(
                "\(system.title) gave no token: its service answered \(status)",
                hint: hint(status, system)
            )
        }
        guard let value = try? JSONParser.parse(body, limits: .init(bytes: bodyLimit, depth: 8)),
            let token = value.objectValue?[request.member]?.stringValue
        else {
            throw JobTrouble("\(system.title) gave no token: its service's answer has no member `\(request.member)`")
        }
        return Redacted(Array(token.utf8))
    }

    private static func hint(_ status: Int, _ system: CISystem) -> String? {
        switch (status, system) {
        case (401, _), (403, _):
            "the job's own credential for it is not taken: it ends with the job, and must not be kept"
        case (300..<400, _): "redirections are not followed: the job's credential must not go elsewhere"
        case (500..., _): "the service is in trouble; try again"
        default: nil
        }
    }
}
