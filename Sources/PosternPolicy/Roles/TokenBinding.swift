/// What a role asks of a token beyond its claims, so that one that leaked is of little use (contract, section 4).
package struct TokenBinding: Hashable, Sendable {
    /// A token opens one session of the role and no other.
    package var singleUse: Bool
    /// The most that `now - iat` may be when a job connects.
    package var maximumTokenAge: Duration?
    /// Where jobs may connect from; nil for anywhere.
    package var clientNetworks: [ClientNetwork]?
    /// The session ends at the token's `exp`.
    package var endsWithToken: Bool

    package init(
        singleUse: Bool = false,
        maximumTokenAge: Duration? = nil,
        clientNetworks: [ClientNetwork]? = nil,
        endsWithToken: Bool = false
    ) {
        self.singleUse = singleUse
        self.maximumTokenAge = maximumTokenAge
        self.clientNetworks = clientNetworks
        self.endsWithToken = endsWithToken
    }

    /// Why a connection does not get the role, as far as can be told without knowing other sessions; nil when it does.
    package func refusal(of connection: GrantConnection) -> GrantRefusal? {
        if let clientNetworks, let address = connection.address,
            !clientNetworks.contains(where: { $0.contains(address) })
        {
            return .clientNetwork
        }
        if let maximumTokenAge, let age = connection.tokenAge, age > maximumTokenAge { return .tokenAge }
        return nil
    }
}
