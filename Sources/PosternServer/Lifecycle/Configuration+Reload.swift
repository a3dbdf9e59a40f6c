internal import PosternConfiguration

extension Configuration {
    /// The first setting that differs and that a running gateway cannot change; nil when there is none.
    func unchangeableDifference(from next: Configuration) -> String? {
        if listeners.map(\.address) != next.listeners.map(\.address) { return "`listeners`' addresses" }
        if listeners.map({ $0.tls == nil }) != next.listeners.map({ $0.tls == nil }) {
            return "whether a listener has `tls`"
        }
        if audit.directory != next.audit.directory { return "`audit.directory`" }
        if admin != next.admin { return "`admin`" }
        if gateway.loops != next.gateway.loops { return "`gateway.loops`" }
        return nil
    }
}

extension Admission.Limits {
    init(_ limits: GatewayLimits) {
        self.init(
            connections: limits.connections,
            unauthenticated: limits.unauthenticated,
            unauthenticatedPerAddress: limits.unauthenticatedPerAddress
        )
    }
}
