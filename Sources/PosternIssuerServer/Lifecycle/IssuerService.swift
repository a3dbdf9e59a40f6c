package import Logging
package import PosternConfiguration
package import PosternCore
internal import PosternCrypto
package import PosternIssuer
internal import PosternJournal
package import PosternNet
package import PosternServer

/// Answers requests: the one place where checks, rules, keys and journal meet. It knows no sockets.
package actor IssuerService {
    /// What a reload replaces.
    package struct Settings: Sendable {
        package let configuration: TokenIssuerConfiguration
        package let secrets: IssuerSecrets

        package init(configuration: TokenIssuerConfiguration, secrets: IssuerSecrets) {
            self.configuration = configuration
            self.secrets = secrets
        }
    }

    /// Requests for tokens that are answered at one time. Each holds a body.
    private static let concurrency = 64
    /// Genuine requests in all: an installation with a thousand runners has a few in a second.
    private static let rate = (burst: 500, perSecond: 100.0)

    /// How often a request that may be repeated is read at a time.
    private static let repeatedReaders = 4

    private var settings: Settings
    private let ring: KeyRing
    private let journal: IssuerJournal
    private let pool: BlockingPool
    private let resolver: SecretResolver
    private let clock: IssuerClock
    private let logger: Logger
    private let notBefore: Timestamp
    private var memory = ReplayMemory()
    private var limit = RateLimit(burst: rate.burst, perSecond: rate.perSecond)
    private var running = 0
    private var answers = AnswerMemory()
    /// How often each request is being read now.
    private var reading: [[UInt8]: Int] = [:]
    private var isDraining = false

    /// - Parameter notBefore: older requests may have been answered by a process that is gone.
    package init(
        settings: Settings,
        ring: KeyRing,
        journal: IssuerJournal,
        pool: BlockingPool,
        resolver: SecretResolver,
        clock: IssuerClock = IssuerClock(),
        notBefore: Timestamp,
        logger: Logger
    ) {
        self.settings = settings
        self.ring = ring
        self.journal = journal
        self.pool = pool
        self.resolver = resolver
        self.clock = clock
        self.logger = logger
        self.notBefore = notBefore
    }

    package func use(_ settings: Settings) { self.settings = settings }

    /// From now on nobody gets a token.
    package func drain() { isDraining = true }

    /// - Parameters:
    ///   - body: reads the body when it is wanted; nil when it is too large or does not come.
    package func answer(
        _ request: IssuerRequest,
        body: @escaping @Sendable () async -> [UInt8]?
    ) async -> IssuerReply {
        switch request.route {
        case .discovery: document(.discovery(issuer: settings.configuration.issuer), for: request)
        case .keySet: document(await ring.keySet, for: request)
        case .health: await health()
        case .droneEnvironment, .droneSecret, .woodpeckerSecret: await token(for: request, body)
        }
    }

    // MARK: What everybody may see

    private func document(_ document: IssuerDocument, for request: IssuerRequest) -> IssuerReply {
        let seconds = settings.configuration.keys.maxAge.components.seconds
        var headers = [("Cache-Control", "public, max-age=\(seconds)"), ("ETag", document.entityTag)]
        if document.isKnown(to: request.headers["if-none-match"]) { return IssuerReply(status: 304, headers: headers) }
        headers.append(("Content-Type", request.route == .keySet ? "application/jwk-set+json" : "application/json"))
        return IssuerReply(status: 200, headers: headers, body: Array(document.text.utf8))
    }

    private func health() async -> IssuerReply {
        if isDraining { return .failure(503, "draining") }
        // Until then every request of now is one of before the start.
        if clock.now().seconds < notBefore.seconds { return .failure(503, "starting") }
        if await journal.trouble != nil { return .failure(503, "the journal cannot be written") }
        guard await ring.current != nil else { return .failure(503, "no key") }
        return .failure(200, "ok")
    }

    // MARK: Tokens

    private func token(
        for request: IssuerRequest,
        _ body: @escaping @Sendable () async -> [UInt8]?
    ) async -> IssuerReply {
        guard !isDraining, running < Self.concurrency else {
            // Nobody has looked at the signature yet.
            let reason = isDraining ? "the issuer is about to stop" : "too many requests at a time"
            await refuse(request, .request, reason, run: nil, standing: .stranger)
            return .failure(503, "try again")
        }
        running += 1
        defer { running -= 1 }
        let settings = settings
        do throws(RequestRefusal) {
            switch try await inquiry(request, settings, body) {
            case .new(let question):
                let answer = Task { await decide(question, request, settings) }
                keep(answer, of: question, request, settings)
                return await answer.value
            case .repeated(let answer): return await answer.value
            }
        } catch {
            await refuse(request, .request, "\(error)", run: nil, standing: error.standing)
            return .failure(error.status, "\(error)")
        }
    }

    /// What is asked, once it is proved who asks.
    private enum Inquiry {
        case new(Question)
        /// The very same request of a moment ago, and its answer.
        case repeated(Task<IssuerReply, Never>)
    }

    private struct Question {
        let build: Build
        let host: String
        let shape: Shape
        /// What tells this request from any other.
        let fingerprint: [UInt8]
    }

    /// How the answer looks.
    private enum Shape {
        case environment(DroneReply.EnvironmentVersion, encryptedWith: Redacted<[UInt8]>)
        case secret(DroneRequest.Secret, encryptedWith: Redacted<[UInt8]>)
        case woodpecker
    }

    private func inquiry(
        _ request: IssuerRequest,
        _ settings: Settings,
        _ readBody: @escaping @Sendable () async -> [UInt8]?
    ) async throws(RequestRefusal) -> Inquiry {
        switch request.route {
        case .droneEnvironment, .droneSecret: try await droneInquiry(request, settings, readBody)
        case .woodpeckerSecret: .new(try await woodpeckerQuestion(request, settings, readBody))
        case .discovery, .keySet, .health: throw .otherMediaType
        }
    }

    private func droneInquiry(
        _ request: IssuerRequest,
        _ settings: Settings,
        _ readBody: @escaping @Sendable () async -> [UInt8]?
    ) async throws(RequestRefusal) -> Inquiry {
        guard let drone = settings.configuration.drone else { throw .noSignature }
        let signature = try DroneSignature(
            request.headers,
            secrets: settings.secrets.drone,
            now: clock.now(),
            notBefore: notBefore
        )
        let isRepeatable = drone.encrypt && drone.repeatWindow > .zero
        let body = try await body(
            of: signature.fingerprint,
            readers: isRepeatable ? Self.repeatedReaders : 1,
            mayBeKnown: answers.find(signature.fingerprint, route: request.route, now: clock.monotonic()) != nil,
            readBody
        )
        try signature.check(body)
        do throws(RequestRefusal) {
            try await take(signature.fingerprint, signature.date)
        } catch {
            let known = answers.find(signature.fingerprint, route: request.route, now: clock.monotonic())
            guard error == .replayed, let known else { throw error }
            return .repeated(known)
        }
        let accept = request.headers["accept"] ?? ""
        let asksForSecret = request.route == .droneSecret
        let version = DroneReply.EnvironmentVersion(rawValue: accept)
        guard asksForSecret ? accept == DroneReply.secretMediaType : version != nil else { throw .otherMediaType }
        let asked = try DroneRequest(body, asksForSecret: asksForSecret)
        let shape: Shape
        switch (asked.secret, version) {
        case (let secret?, _): shape = .secret(secret, encryptedWith: signature.secret)
        case (nil, let version?): shape = .environment(version, encryptedWith: signature.secret)
        case (nil, nil): throw .malformedBody
        }
        return .new(
            Question(build: asked.build, host: drone.host, shape: shape, fingerprint: signature.fingerprint)
        )
    }

    private func woodpeckerQuestion(
        _ request: IssuerRequest,
        _ settings: Settings,
        _ readBody: @escaping @Sendable () async -> [UInt8]?
    ) async throws(RequestRefusal) -> Question {
        guard let woodpecker = settings.configuration.woodpecker else { throw .noSignature }
        let signature = try WoodpeckerSignature(
            request.headers,
            target: request.target,
            keys: settings.secrets.woodpecker,
            now: clock.now(),
            notBefore: notBefore
        )
        let body = try await body(of: signature.fingerprint, readers: 1, mayBeKnown: false, readBody)
        try signature.check(body)
        try await take(signature.fingerprint, signature.date)
        let build = try WoodpeckerRequest(body).build
        return Question(build: build, host: woodpecker.host, shape: .woodpecker, fingerprint: signature.fingerprint)
    }

    /// The body of a request whose headers are genuine: strangers use up neither room nor rate, and neither does who
    /// has overheard one. A head can be sent again without its body; so a request that was answered, or is being read,
    /// is not waited for.
    ///
    /// - Parameters:
    ///   - readers: how often one request may be read at a time.
    ///   - mayBeKnown: there is an answer to be given again.
    private func body(
        of fingerprint: [UInt8],
        readers: Int,
        mayBeKnown: Bool,
        _ read: @escaping @Sendable () async -> [UInt8]?
    ) async throws(RequestRefusal) -> [UInt8] {
        let others = reading[fingerprint, default: 0]
        guard mayBeKnown || !memory.knows(fingerprint), others < readers else { throw .replayed }
        guard limit.take(now: clock.monotonic()) else { throw .tooMany }
        reading[fingerprint] = others + 1
        defer {
            let left = reading[fingerprint, default: 1] - 1
            reading[fingerprint] = left > 0 ? left : nil
        }
        return try await TimedBody.read(read)
    }

    private func take(_ fingerprint: [UInt8], _ date: Timestamp) async throws(RequestRefusal) {
        let now = clock.now()
        try memory.take(fingerprint, date: date, now: now, monotonic: clock.monotonic())
        guard date.seconds > now.seconds else { return }
        // The next process must refuse it too, although it will be dated after its start.
        do {
            try await ring.remember(date)
        } catch {
            throw .notRemembered
        }
    }

    /// Where the configuration has it so, what Drone asks twice in a moment gets the same bytes twice: they are
    /// encrypted, so that whoever overheard the request learns nothing that he could not overhear as well.
    private func keep(
        _ answer: Task<IssuerReply, Never>,
        of question: Question,
        _ request: IssuerRequest,
        _ settings: Settings
    ) {
        guard question.build.system == .drone, let drone = settings.configuration.drone, drone.encrypt,
            drone.repeatWindow > .zero
        else { return }
        let now = clock.monotonic()
        answers.keep(
            answer,
            of: question.fingerprint,
            route: request.route,
            until: now.advanced(by: drone.repeatWindow),
            now: now
        )
    }

    private func decide(_ question: Question, _ request: IssuerRequest, _ settings: Settings) async -> IssuerReply {
        let run = IssuerRun(question.build, host: question.host)
        var refusal = settings.configuration.allow.refusal(of: question.build)
        if refusal == nil, case .secret(let secret, _) = question.shape, secret.path != DroneReply.secretPath {
            refusal = .otherSecret(secret.path)
        }
        var isConfirmed = false
        if refusal == nil, question.build.system == .drone, let api = settings.configuration.drone?.api {
            do {
                refusal = try await DroneAPI(api, pool: pool, secrets: resolver).refusal(of: question.build)
                isConfirmed = refusal == nil
            } catch {
                await refuse(request, .build, "the Drone server cannot be asked about the build: \(error)", run: run)
                return .failure(503, "the build cannot be confirmed")
            }
        }
        if let refusal {
            await refuse(request, .build, "\(refusal)", run: run)
            return .nothing
        }
        do {
            return try await mint(question, request, settings, run: run, isConfirmed: isConfirmed)
        } catch {
            await refuse(request, .minting, "\(error)", run: run)
            return .failure(503, "no token can be made now")
        }
    }

    private func mint(
        _ question: Question,
        _ request: IssuerRequest,
        _ settings: Settings,
        run: IssuerRun,
        isConfirmed: Bool
    ) async throws -> IssuerReply {
        let configuration = settings.configuration
        guard let key = await ring.current else { throw KeyFolder.Failure("there is no key") }
        let claims = TokenClaims(
            of: question.build,
            issuer: configuration.issuer,
            audience: configuration.audience,
            host: question.host,
            lifetime: configuration.lifetime,
            now: clock.now(),
            id: Hex.encode(SecureRandom.bytes(16))
        )
        let token = try await pool.run { try TokenMint.sign(claims.members, with: key) }
        // Before the token leaves: what is not recorded was never made.
        try await journal.record(
            IssuerMint(
                run: run,
                route: request.route.name,
                tokenID: claims.id,
                keyID: key.published.id,
                subject: claims.subject,
                audience: configuration.audience,
                expiry: claims.expiry,
                isConfirmed: isConfirmed,
                address: request.address
            )
        )
        logger.info(
            "token issued",
            metadata: [
                "jti": "\(claims.id)", "repository": "\(run.repository)", "event": "\(run.event)", "ref": "\(run.ref)",
                "build": "\(run.number)", "route": "\(request.route.name)",
            ]
        )
        let encrypts = configuration.drone?.encrypt ?? true
        let variables = configuration.drone?.environment ?? []
        switch question.shape {
        case .environment(let version, let secret):
            let reply = DroneReply.environment(token: token, variables: variables, version: version)
            return encrypts ? reply.encrypted(with: secret) : reply
        case .secret(let asked, let secret):
            let reply = DroneReply.secret(asked.name, token: token)
            return encrypts ? reply.encrypted(with: secret) : reply
        case .woodpecker: return WoodpeckerReply.secrets(token: token, variables: [])
        }
    }

    private func refuse(
        _ request: IssuerRequest,
        _ stage: IssuerRefuse.Stage,
        _ reason: String,
        run: IssuerRun?,
        standing: RequestRefusal.Standing = .requester
    ) async {
        var metadata: Logger.Metadata = ["reason": "\(reason)", "route": "\(request.route.name)"]
        if let run {
            metadata["repository"] = "\(run.repository)"
            metadata["build"] = "\(run.number)"
        }
        let refusal = IssuerRefuse(
            route: request.route.name,
            stage: stage,
            reason: reason,
            run: run,
            address: request.address
        )
        let isRecorded = await journal.refuse(refusal, standing: standing)
        // What strangers send is not for the log of every day, nor what others send without end.
        let isLoud = standing == .requester || standing == .bearer && isRecorded
        logger.log(level: isLoud ? .notice : .debug, "no token issued", metadata: metadata)
    }
}
