/// What a job may do to the configuration parameters of its session (contract, section 4).
package enum SessionSettings {
    package enum Standing: Hashable, Sendable {
        /// Allowed to every role.
        case free
        /// The search path changes, or returns to the session's own: the caller compares it with the role's.
        case searchPath
        /// Allowed by a rule with this tag only.
        case ownTag(CommandTag)
        /// Allowed by a rule with the tag SET.
        case restricted(reason: String)
        /// No rule allows it.
        case never(SessionInvariant)
    }

    /// A change that is stored (ALTER ROLE … SET, CREATE FUNCTION … SET) is judged as SET is, beside the access of
    /// its own statement; there `search_path` is free, because the gateway gives every session its path.
    package static func standing(of change: SettingChange) -> Standing {
        switch (change.route, change.value) {
        case (.reset, _):
            // Back to what the session began with, which the gateway chose.
            change.name == "search_path" || change.name == "all" ? .searchPath : .free
        case (.stored, .default):
            .free
        case (.set, _), (.setConfig, _), (.stored, _):
            judge(change)
        }
    }

    private static func judge(_ change: SettingChange) -> Standing {
        if let standing = invariant(change) { return standing }
        switch change.name {
        case "search_path":
            return change.route == .stored ? .free : .searchPath
        case "role":
            return .ownTag(.setRole)
        case "session_authorization":
            return .ownTag(.setSessionAuthorization)
        default:
            break
        }
        let name = Identifier(change.name)
        if free.contains(name) { return .free }
        if let reason = restricted[name] { return .restricted(reason: reason) }
        return .restricted(
            reason: change.name.utf8.contains(UInt8(ascii: "."))
                ? SettingGroup.custom
                : SettingGroup.unlisted
        )
    }

    /// Settings whose value decides.
    private static func invariant(_ change: SettingChange) -> Standing? {
        let invariant: SessionInvariant
        switch change.name {
        case "client_encoding":
            if SettingValue.isUTF8(change.value) { return .free }
            invariant = .clientEncoding
        case "standard_conforming_strings":
            if SettingValue.isOn(change.value) { return .free }
            invariant = .standardConformingStrings
        case let name where name == "postern" || name.hasPrefix("postern."):
            return .never(.identitySettings)
        default:
            return nil
        }
        // Stored, it meets sessions that come another way: the gateway sends both parameters itself.
        return change.route == .stored ? .restricted(reason: invariant.reason) : .never(invariant)
    }

    private static let free = Set(SettingGroup.free.flatMap(\.identifiers))

    private static let restricted: [Identifier: String] = {
        var reasons: [Identifier: String] = [:]
        for group in SettingGroup.restricted {
            for name in group.identifiers { reasons[name] = group.reason }
        }
        return reasons
    }()
}

/// What holds in a session whatever the rules say.
package enum SessionInvariant: Hashable, Sendable, CaseIterable {
    /// `client_encoding` is UTF8.
    case clientEncoding
    /// `standard_conforming_strings` is on.
    case standardConformingStrings
    /// `postern.*` is what the gateway sent.
    case identitySettings

    /// Completes the sentence "the change is refused: …".
    package var reason: String {
        switch self {
        case .clientEncoding: "the gateway reads statements as UTF8"
        case .standardConformingStrings: "the gateway reads `\\` in a plain literal as itself"
        case .identitySettings: "`postern.*` tells the server who the job is"
        }
    }
}
