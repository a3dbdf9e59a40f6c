package import PostgresWire

/// A finished login: what the server said up to its first ReadyForQuery, which said "idle".
package struct LoginResult: Hashable, Sendable {
    /// In the order of the server; a setting that was reported twice has its last value.
    package let parameters: [ParameterStatus]
    /// nil when the server gave none, as some poolers do: such a session cannot be cancelled.
    package let cancelKey: CancelKey?
    /// In order; `BackendMessage.noticeResponse(_:).encoded` gives back the server's bytes.
    package let notices: [ErrorFields]
    /// What came behind ReadyForQuery: the first bytes of the session, perhaps part of a message.
    package let leftover: [UInt8]
    /// 3.2, or 3.0 when the server speaks no more.
    package let version: ProtocolVersion
    /// The keys to keep for the next login; nil unless SCRAM was used.
    package let keys: SCRAMKeys?
    /// How Postern proved itself.
    package let method: AuthenticationMethod

    package init(
        parameters: [ParameterStatus],
        cancelKey: CancelKey? = nil,
        notices: [ErrorFields] = [],
        leftover: [UInt8] = [],
        version: ProtocolVersion = .version30,
        keys: SCRAMKeys? = nil,
        method: AuthenticationMethod = .none
    ) {
        self.parameters = parameters
        self.cancelKey = cancelKey
        self.notices = notices
        self.leftover = leftover
        self.version = version
        self.keys = keys
        self.method = method
    }

    package subscript(parameter name: String) -> String? {
        parameters.first { $0.name == name }?.value
    }

    package var serverVersion: String? { self[parameter: "server_version"] }
    package var isSuperuser: Bool { self[parameter: "is_superuser"] == "on" }
}
