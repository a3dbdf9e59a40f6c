package import PosternSQL

/// What a role's policy says of a FunctionCall message, which names a function by number and has no text.
package struct JudgedCall: Sendable {
    /// The function's name, where it is a large object function of PostgreSQL's own.
    package let function: ObjectName?
    /// Why it must not be forwarded; nil with `mode: observe` and `unrestricted`.
    package let denial: Denial?
    /// What `enforce` would have denied.
    package let wouldDeny: Denial?
}

extension RoleJudge {
    /// Decides a FunctionCall: large object functions with `large_objects: true`, and nothing else.
    ///
    /// - Parameter oid: the function's object id, as the message has it.
    package func judgeFunctionCall(oid: UInt32) -> JudgedCall {
        let name = Self.largeObjectFunctions[oid].map { ObjectName(schema: SystemSchemas.catalog, Identifier($0)) }
        let denial = cause(oid, name)?.denial(role: role)
        return JudgedCall(
            function: name,
            denial: role.mode == .enforce ? denial : nil,
            wouldDeny: role.mode == .observe ? denial : nil
        )
    }

    private func cause(_ oid: UInt32, _ name: ObjectName?) -> DenialCause? {
        guard let rules = judge.rules else { return nil }
        guard role.largeObjects, let name else { return .functionCall(oid: oid) }
        let access = Access(.function, .functionCall, ObjectReference(.function, name))
        guard let deny = rules.firstDeny(access, name) else { return nil }
        return .deniedByRule(deny.reference, message: deny.rule.message, access, name)
    }

    /// By object id, the same in every version of PostgreSQL. Import and export read and write the server's files
    /// and are not here.
    private static let largeObjectFunctions: [UInt32: String] = [
        715: "lo_create", 952: "lo_open", 953: "lo_close", 954: "loread", 955: "lowrite", 956: "lo_lseek",
        957: "lo_creat", 958: "lo_tell", 964: "lo_unlink", 1004: "lo_truncate", 3170: "lo_lseek64",
        3171: "lo_tell64", 3172: "lo_truncate64", 3457: "lo_from_bytea", 3458: "lo_get", 3459: "lo_get",
        3460: "lo_put",
    ]
}
