/// What a role asks of a token beyond its claims, and whether a job would get past it.
package struct BindingExplanation: Hashable, Sendable {
    package enum Verdict: Hashable, Sendable {
        case met
        case refused
        /// Only the gateway knows, or nobody has said.
        case unknown
    }

    /// The policy's key.
    package let name: String
    package let verdict: Verdict
    /// In words.
    package let reason: String

    /// In the order of the manual, those that the role asks for.
    static func all(of binding: TokenBinding, _ connection: GrantConnection) -> [BindingExplanation] {
        var all: [BindingExplanation] = []
        if binding.singleUse {
            all.append(
                BindingExplanation(
                    name: "single_use",
                    verdict: .unknown,
                    reason: "only the gateway knows whether the token was used before"
                )
            )
        }
        if let limit = binding.maximumTokenAge {
            let verdict = connection.tokenAge.map { $0 > limit ? Verdict.refused : .met } ?? .unknown
            let reason =
                connection.tokenAge.map {
                    "a token of \($0.components.seconds)s, and \(limit.components.seconds)s is the most"
                }
                ?? "the token's age when the job connects is not known"
            all.append(BindingExplanation(name: "max_token_age", verdict: verdict, reason: reason))
        }
        if let networks = binding.clientNetworks {
            let isInside = connection.address.map { address in networks.contains { $0.contains(address) } }
            let reason =
                isInside.map { $0 ? "the address is in one of them" : "the address is in none of them" }
                ?? "the job's address is not known"
            all.append(
                BindingExplanation(
                    name: "client_networks",
                    verdict: isInside.map { $0 ? .met : .refused } ?? .unknown,
                    reason: reason
                )
            )
        }
        if binding.endsWithToken {
            all.append(
                BindingExplanation(
                    name: "end_with_token",
                    verdict: .met,
                    reason: "the session ends at the token's `exp`"
                )
            )
        }
        return all
    }
}
