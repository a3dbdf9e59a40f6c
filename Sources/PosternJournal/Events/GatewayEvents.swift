package import PosternCore

/// What a gateway runs by: the members that `gateway.start` and `policy.reload` share.
package struct PolicyState: Sendable {
    /// SHA-256 of the configuration file.
    package let configHash: String
    /// SHA-256 over the sorted `path NUL sha256 LF` of the policy files.
    package let policyHash: String
    /// What people call the policies.
    package let revision: String
    /// The policy files' paths.
    package let files: [String]

    package init(configHash: String, policyHash: String, revision: String, files: [String]) {
        self.configHash = configHash
        self.policyHash = policyHash
        self.revision = revision
        self.files = files
    }

    fileprivate func encode(into writer: inout JSONWriter) {
        writer.member("config_hash", configHash)
        writer.member("policy_hash", policyHash)
        writer.member("revision", revision)
        writer.member("files", strings: files)
    }
}

package struct GatewayStart: JournalEvent {
    package static let name = "gateway.start"

    package let gateway: String
    package let version: String
    package let state: PolicyState

    package init(gateway: String, version: String, state: PolicyState) {
        self.gateway = gateway
        self.version = version
        self.state = state
    }

    package func encode(into writer: inout JSONWriter) {
        writer.member("gateway", gateway)
        writer.member("version", version)
        state.encode(into: &writer)
    }
}

package struct GatewayStop: JournalEvent {
    package static let name = "gateway.stop"

    package let gateway: String
    package let version: String

    package init(gateway: String, version: String) {
        self.gateway = gateway
        self.version = version
    }

    package func encode(into writer: inout JSONWriter) {
        writer.member("gateway", gateway)
        writer.member("version", version)
    }
}

package struct PolicyReload: JournalEvent {
    package static let name = "policy.reload"

    /// What is in force after the reload: the new state, or the old one when there is an `error`.
    package let state: PolicyState
    /// The roles that came, went or changed.
    package let changedRoles: [String]
    /// Why the new configuration was not taken.
    package let error: String?

    package init(state: PolicyState, changedRoles: [String], error: String?) {
        self.state = state
        self.changedRoles = changedRoles
        self.error = error
    }

    package func encode(into writer: inout JSONWriter) {
        state.encode(into: &writer)
        writer.member("changed_roles", strings: changedRoles)
        writer.member("error", error)
    }
}
