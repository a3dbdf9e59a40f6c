/// Which builds get a token.
package struct BuildRules: Hashable, Sendable {
    /// Events of the CI system: `push`, `tag`.
    package var events: [String]
    /// What may have started a build of Drone: `@hook`, `@cron`, or a user's login.
    package var triggers: [String]
    /// Whether builds of forks are among them.
    package var forks: Bool
    /// Whether a build that repeats another is one of them. Whoever repeats it chooses its parameters.
    package var restarts: Bool
    /// Whether builds whose steps wait for somebody to log in are among them.
    package var debug: Bool

    package init(
        events: [String] = ["push", "tag"],
        triggers: [String] = ["@hook"],
        forks: Bool = false,
        restarts: Bool = false,
        debug: Bool = false
    ) {
        self.events = events
        self.triggers = triggers
        self.forks = forks
        self.restarts = restarts
        self.debug = debug
    }

    /// Variables that would lead a job's token, or its programs, elsewhere: no rule allows a build that was given one.
    package static func isDangerous(parameter name: String) -> Bool {
        let name = name.uppercased()
        return name == "PATH" || ["PG", "POSTERN_", "LD_"].contains(where: name.hasPrefix)
    }

    /// Events of which the parent is the build that is deployed, not one that is repeated.
    private static let deployments: Set<String> = ["promote", "rollback", "deployment"]

    /// - Returns: why the build gets no token; nil when it does.
    package func refusal(of build: Build) -> BuildRefusal? {
        if build.isFork, !forks { return .fork }
        guard events.contains(build.event) else { return .event(build.event) }
        if let mismatch = Self.mismatch(of: build) { return mismatch }
        if build.parent > 0, !Self.deployments.contains(build.event), !restarts { return .restart(of: build.parent) }
        if build.system == .drone, !triggers.contains(build.trigger) { return .trigger(build.trigger) }
        if build.isDebug, !debug { return .debug }
        return build.parameters.first(where: Self.isDangerous).map(BuildRefusal.parameter)
    }

    /// A ref that the event cannot have. Of a deployment the ref is the deployed build's: that of a pull request is
    /// code that nobody has accepted.
    private static func mismatch(of build: Build) -> BuildRefusal? {
        let fits =
            switch (build.event, build.refType) {
            case ("push", .branch): build.target.isEmpty || build.target == build.branch
            case ("cron", .branch), ("tag", .tag), ("release", .tag): true
            case ("pull_request", .pullRequest), ("pull_request_closed", .pullRequest): true
            case ("push", _), ("cron", _), ("tag", _), ("release", _), ("pull_request", _), ("pull_request_closed", _):
                false
            case (_, .branch), (_, .tag): true
            case (_, .pullRequest), (_, .other): false
            }
        return fits ? nil : .ref(build.ref, event: build.event)
    }
}

/// Why a build gets no token.
package enum BuildRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    case fork
    case event(String)
    case trigger(String)
    case ref(String, event: String)
    case restart(of: Int64)
    case debug
    case parameter(String)
    /// A secret of another path than the issuer's.
    case otherSecret(String)
    /// Drone's own API knows no such build, or knows it otherwise.
    case unconfirmed(String)

    package var description: String {
        switch self {
        case .fork: "a build of a fork"
        case .event(let event): "the event `\(event)` is not among those allowed"
        case .trigger(let trigger): "started by `\(trigger)`, which is not among the triggers allowed"
        case .ref(let ref, let event): "a build of the event `\(event)` does not build `\(ref)`"
        case .restart(let number): "a restart of build \(number)"
        case .debug: "the build is in debug mode"
        case .parameter(let name): "the build was given the variable `\(name)`"
        case .otherSecret(let path): "the secret's path is `\(path)`"
        case .unconfirmed(let reason): "the Drone server does not confirm the build: \(reason)"
        }
    }
}
