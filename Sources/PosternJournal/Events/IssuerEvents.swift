package import PosternCore

/// The build that somebody wanted a token for, as the CI system described it.
package struct IssuerRun: Sendable {
    /// Which server: `drone drone.internal`.
    package let system: String
    package let host: String
    package let repository: String
    package let repositoryUID: String
    package let event: String
    /// Empty where the CI system has none.
    package let trigger: String
    package let ref: String
    package let sha: String
    package let number: Int64

    package init(
        system: String,
        host: String,
        repository: String,
        repositoryUID: String,
        event: String,
        trigger: String,
        ref: String,
        sha: String,
        number: Int64
    ) {
        self.system = system
        self.host = host
        self.repository = repository
        self.repositoryUID = repositoryUID
        self.event = event
        self.trigger = trigger
        self.ref = ref
        self.sha = sha
        self.number = number
    }

    fileprivate func encode(into writer: inout JSONWriter) {
        writer.member("run") {
            $0.bounded("system", system)
            $0.bounded("host", host)
            $0.bounded("repository", repository)
            $0.bounded("repository_uid", repositoryUID)
            $0.bounded("event", event)
            $0.bounded("trigger", trigger.isEmpty ? nil : trigger)
            $0.bounded("ref", ref)
            $0.bounded("sha", sha.isEmpty ? nil : sha)
            $0.member("id", String(number))
        }
    }
}

/// A token was made for a build. Written, and on the disk, before the token leaves. The token is not in it.
package struct IssuerMint: JournalEvent, Sendable {
    package static let name = "issuer.mint"

    package let run: IssuerRun
    /// The address that was asked: `drone/env`.
    package let route: String
    /// The token's `jti`, `kid`, `sub`, `aud`.
    package let tokenID: String
    package let keyID: String
    package let subject: String
    package let audience: String
    package let expiry: Timestamp
    /// Whether the CI server's API was asked about the build, and knew it.
    package let isConfirmed: Bool
    /// Who asked; nil for a Unix socket.
    package let address: String?

    package init(
        run: IssuerRun,
        route: String,
        tokenID: String,
        keyID: String,
        subject: String,
        audience: String,
        expiry: Timestamp,
        isConfirmed: Bool,
        address: String?
    ) {
        self.run = run
        self.route = route
        self.tokenID = tokenID
        self.keyID = keyID
        self.subject = subject
        self.audience = audience
        self.expiry = expiry
        self.isConfirmed = isConfirmed
        self.address = address
    }

    package func encode(into writer: inout JSONWriter) {
        writer.member("route", route)
        writer.member("jti", tokenID)
        writer.member("kid", keyID)
        writer.bounded("subject", subject)
        writer.bounded("audience", audience)
        writer.member("expires", expiry.rfc3339)
        writer.member("confirmed", isConfirmed)
        run.encode(into: &writer)
        writer.member("address", address)
    }
}

/// Somebody was given no token.
package struct IssuerRefuse: JournalEvent, Sendable {
    package static let name = "issuer.refuse"

    package enum Stage: String, Sendable {
        /// It is not proved who asks, or what.
        case request
        /// The build is none that gets a token.
        case build
        /// A token could not be made.
        case minting
    }

    package let route: String
    package let stage: Stage
    package let reason: String
    /// nil while nobody has proved anything.
    package let run: IssuerRun?
    package let address: String?

    package init(route: String, stage: Stage, reason: String, run: IssuerRun?, address: String?) {
        self.route = route
        self.stage = stage
        self.reason = reason
        self.run = run
        self.address = address
    }

    package func encode(into writer: inout JSONWriter) {
        writer.member("route", route)
        writer.member("stage", stage.rawValue)
        writer.bounded("reason", reason)
        run?.encode(into: &writer)
        writer.member("address", address)
    }
}

/// Refusals that got no record of their own.
package struct IssuerRefuseSummary: JournalEvent, Sendable {
    package static let name = "issuer.refuse.summary"

    package let count: UInt64
    /// Different addresses that they came from.
    package let sources: Int
    /// How many of each reason; `build` and `minting` for what is said of a build.
    package let reasons: [String: UInt64]

    package init(count: UInt64, sources: Int, reasons: [String: UInt64]) {
        self.count = count
        self.sources = sources
        self.reasons = reasons
    }

    package func encode(into writer: inout JSONWriter) {
        writer.member("count", count)
        writer.member("sources", sources)
        writer.member("reasons") {
            for (reason, count) in reasons.sorted(by: { $0.key < $1.key }) {
                $0.name(reason)
                $0.integer(count)
            }
        }
    }
}

/// The issuer began, read its configuration anew, or signs with another key.
package struct IssuerState: JournalEvent, Sendable {
    package static let name = "issuer.state"

    package enum Change: String, Sendable {
        case start
        case reload
        case rotate
        case stop
    }

    package let change: Change
    package let issuer: String
    package let version: String
    package let configHash: String
    /// The published keys, the one that signs first.
    package let keyIDs: [String]
    /// Why the new configuration was not taken.
    package let error: String?

    package init(
        _ change: Change,
        issuer: String,
        version: String,
        configHash: String,
        keyIDs: [String],
        error: String? = nil
    ) {
        self.change = change
        self.issuer = issuer
        self.version = version
        self.configHash = configHash
        self.keyIDs = keyIDs
        self.error = error
    }

    package func encode(into writer: inout JSONWriter) {
        writer.member("change", change.rawValue)
        writer.member("issuer", issuer)
        writer.member("version", version)
        writer.member("config_hash", configHash)
        writer.member("keys", strings: keyIDs)
        writer.bounded("error", error)
    }
}
