package import PosternPolicy

/// Where the relay takes judgements from: a cache, the parser, the role's rules.
package protocol StatementJudge {
    /// Judges a text.
    ///
    /// - Parameters:
    ///   - paths: the search paths that names may be resolved by.
    ///   - pathsVersion: grows with `paths`.
    /// - Returns: nil when the text is judged elsewhere; the same input is to be offered again once it is.
    func judge(_ text: borrowing Span<UInt8>, paths: SearchPaths, pathsVersion: Int) -> StatementText?

    /// Judges a FunctionCall.
    func judge(functionCall oid: UInt32) -> StatementText

    /// What a text would be judged by now.
    func stamp(paths: SearchPaths, pathsVersion: Int) -> JudgementStamp

    /// 128 random bits.
    func randomBits() -> (UInt64, UInt64)
}

/// What of a role the relay itself acts by.
package struct RelayRules: Sendable {
    /// The role has rules and they are enforced: names that the gateway does not know are refused.
    package var isEnforced: Bool
    /// The role says `rules: unrestricted`: nothing rests on how the server reads literals.
    package var isUnrestricted: Bool
    /// The most rows that one transaction may change.
    package var rowsChanged: UInt64?
    /// Prepared statements and cursors that a session may hold.
    package var names: Int
    package var role: String

    /// Before a role is granted: nothing is known and nothing may be held.
    package static let none = RelayRules(isEnforced: true, isUnrestricted: false, rowsChanged: nil, names: 0, role: "")

    package init(isEnforced: Bool, isUnrestricted: Bool, rowsChanged: UInt64?, names: Int, role: String) {
        self.isEnforced = isEnforced
        self.isUnrestricted = isUnrestricted
        self.rowsChanged = rowsChanged
        self.names = names
        self.role = role
    }
}
