/// Where a secret is found. The secret itself is never part of the configuration.
package enum SecretReference: Hashable, Sendable {
    /// An absolute path.
    case file(path: String)
    /// A variable of Postern's own environment.
    case environment(name: String)
    /// A program and its arguments, run without a shell; what it prints stays valid for `timeToLive`.
    case command(arguments: [String], timeToLive: Duration)
}
