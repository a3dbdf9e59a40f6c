import Foundation
import Logging
import PosternConfiguration
import PosternCore
import PosternCrypto
import PosternIssuer
import PosternIssuerServer
import PosternJournal
import PosternNet
import PosternServer
import Testing

/// A request that Drone's own client library signed, from Fixtures/drone-vectors.json.
struct Vector: Decodable, Sendable, CustomTestStringConvertible {
    let name: String
    let path: String
    let key: String
    let headers: [String: String]
    let body: String

    enum CodingKeys: String, CodingKey {
        case name = "Name"
        case path = "Path"
        case key = "Key"
        case headers = "Headers"
        case body = "Body"
    }

    var testDescription: String { name }
    var route: IssuerRequest.Route { path == "/env" ? .droneEnvironment : .droneSecret }
    var secret: Redacted<[UInt8]> { Redacted(Array(key.utf8)) }
    var date: Timestamp { headers["Date"].flatMap(HTTPDate.parse) ?? Timestamp(seconds: 0) }

    func request(_ route: IssuerRequest.Route? = nil, headers: [String: String]? = nil) -> IssuerRequest {
        let route = route ?? self.route
        let fields = (headers ?? self.headers).map { (name: $0.key, value: $0.value) }
        return IssuerRequest(
            route: route,
            target: route.rawValue,
            headers: RequestHeaders(fields),
            address: "192.0.2.7"
        )
    }

    static let all: [Vector] = {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/drone-vectors.json")
        guard let data = try? Data(contentsOf: file), let all = try? JSONDecoder().decode([Vector].self, from: data)
        else {
            return []
        }
        return all
    }()
}

struct VectorTests {
    @Test func `there are eight, and the push and tag builds alone get a token`() async throws {
        try #require(Vector.all.count == 8)
        var answered: [String] = []
        for vector in Vector.all {
            let stage = try await IssuerStage(vector)
            let reply = await stage.answer(vector.request(), vector.body)
            #expect([200, 204].contains(reply.status))
            if reply.status == 200 { answered.append(vector.name) } else { #expect(reply.body.isEmpty) }
        }
        #expect(answered == ["env/push-main", "env/tag", "secret/push-main"])
    }

    @Test(arguments: Vector.all)
    func `the change of any byte that is signed is found`(vector: Vector) throws {
        func check(_ headers: [String: String], _ body: [UInt8]) throws(RequestRefusal) {
            try DroneSignature(
                vector.request(headers: headers).headers,
                secrets: [vector.secret],
                now: vector.date,
                notBefore: vector.date
            ).check(body)
        }
        let body = Array(vector.body.utf8)
        try check(vector.headers, body)
        for name in ["Accept", "Accept-Encoding", "Content-Type", "Date", "Digest", "Signature"] {
            let value = Array((try #require(vector.headers[name])).utf8)
            for index in value.indices {
                var changed = value
                changed[index] ^= 1
                let headers = vector.headers.merging([name: String(decoding: changed, as: UTF8.self)]) { $1 }
                #expect(throws: RequestRefusal.self, "\(name) \(index)") { try check(headers, body) }
            }
        }
        for index in body.indices {
            var changed = body
            changed[index] ^= 1
            #expect(throws: RequestRefusal.otherBody) { try check(vector.headers, changed) }
        }
        #expect(throws: RequestRefusal.otherBody) { try check(vector.headers, Array(body.dropLast())) }
    }

    @Test(arguments: Vector.all)
    func `a request is answered once, on no other route either, and not when it is stale`(vector: Vector) async throws {
        let stage = try await IssuerStage(vector)
        #expect(await stage.answer(vector.request(), vector.body).status != 401)
        for route in [IssuerRequest.Route.droneEnvironment, .droneSecret] {
            #expect(await stage.answer(vector.request(route), vector.body).status == 401)
        }
        for seconds in [-301, -31, 301, 86_400] {
            let late = try await IssuerStage(vector, now: vector.date.advanced(by: .seconds(seconds)))
            #expect(await late.answer(vector.request(), vector.body).status == 401)
        }
    }

    @Test func `a request that goes to the other route is used up there`() async throws {
        let vector = try #require(Vector.all.first)
        let stage = try await IssuerStage(vector)
        #expect(await stage.answer(vector.request(.droneSecret), vector.body).status == 406)
        #expect(await stage.answer(vector.request(), vector.body).status == 401)
    }

    @Test func `where it is allowed the same request has the same answer for a moment, and one token`() async throws {
        let vector = try #require(Vector.all.first)
        let stage = try await IssuerStage(vector, repeats: .seconds(10))
        async let one = stage.answer(vector.request(), vector.body)
        async let two = stage.answer(vector.request(), vector.body)
        let (first, second) = await (one, two)
        #expect(first.status == 200 && first == second)
        #expect(stage.journalText.split(separator: "\n").count { $0.contains("issuer.mint") } == 1)
        #expect(await stage.answer(vector.request(.droneSecret), vector.body).status == 401)
        #expect(await stage.answer(vector.request(), vector.body + " ").status == 401)
    }

    @Test func `a head that was answered is not waited for when it comes without its body`() async throws {
        let vector = try #require(Vector.all.first)
        let stage = try await IssuerStage(vector)
        let body = Gate()
        // Read, and not whole: others with the same head are turned away, as many as there are.
        let first = Task { await stage.answer(vector.request(), vector.body, after: body) }
        await body.reached()
        for _ in 0..<100 { #expect(await stage.answer(vector.request(), vector.body).status == 401) }
        body.open()
        #expect(await first.value.status == 200)
        for _ in 0..<100 { #expect(await stage.answer(vector.request(), nil).status == 401) }
    }

    @Test func `a body that is another's uses nothing up, and one that is missing is told so`() async throws {
        let vector = try #require(Vector.all.first)
        let stage = try await IssuerStage(vector)
        #expect(await stage.answer(vector.request(), nil).status == 413)
        #expect(await stage.answer(vector.request(), vector.body + " ").status == 401)
        #expect(await stage.answer(vector.request(), vector.body).status == 200)
    }

    @Test func `who comes while the issuer is about to stop is told so and recorded`() async throws {
        let vector = try #require(Vector.all.first)
        let stage = try await IssuerStage(vector)
        await stage.service.drain()
        #expect(await stage.answer(vector.request(), vector.body).status == 503)
        #expect(stage.journalText.contains("the issuer is about to stop"))
    }

    @Test func `what a process before may have answered is refused, and health says so until then`() async throws {
        let vector = try #require(Vector.all.first)
        let early = try await IssuerStage(vector, notBefore: vector.date.advanced(by: .seconds(1)))
        #expect(await early.answer(vector.request(), vector.body).status == 401)
        #expect(early.journalText.contains("signed before the issuer started"))
        #expect(await early.answer(vector.request(.health), nil).status == 503)
        let now = try await IssuerStage(vector, notBefore: vector.date)
        #expect(await now.answer(vector.request(.health), nil).status == 200)
        #expect(await now.answer(vector.request(), vector.body).status == 200)
    }

    @Test func `a date that is ahead outlives the process that answered it`() async throws {
        let folder = NSTemporaryDirectory() + "postern-issuer-keys-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let plan = KeyPlan(rotateEvery: .seconds(86_400), maxAge: .seconds(300), lifetime: .seconds(3600))
        let pool = BlockingPool(label: "test", threads: 1)
        let clock = IssuerClock(now: { Timestamp(seconds: 1000) })
        let names = {
            Set(try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".pem") })
        }
        var kept: Set<String> = []
        do {
            let ring = try await KeyRing(path: folder, plan: plan, pool: pool, clock: clock)
            #expect(await ring.remembered == Timestamp(seconds: 0))
            async let later: Void = ring.remember(Timestamp(seconds: 1020))
            async let earlier: Void = ring.remember(Timestamp(seconds: 1010))
            _ = try await (later, earlier)
            #expect(await ring.remembered == Timestamp(seconds: 1020))
            kept = try names()
        }
        // What a process left that ended between two steps.
        try Data("a key".utf8).write(to: URL(filePath: folder + "/orphan.pem"))
        let ring = try await KeyRing(path: folder, plan: plan, pool: pool, clock: clock)
        #expect(await ring.remembered == Timestamp(seconds: 1020))
        #expect(kept.count == 2)
        #expect(try names() == kept)
    }

    @Test func `a flood of strangers hides no replay, and is counted by reason`() async throws {
        let vector = try #require(Vector.all.first)
        let stage = try await IssuerStage(vector)
        #expect(await stage.answer(vector.request(), vector.body).status == 200)
        let unsigned = vector.request(headers: vector.headers.filter { $0.key != "Signature" })
        for _ in 0..<300 { #expect(await stage.answer(unsigned, vector.body).status == 401) }
        #expect(await stage.answer(vector.request(), vector.body).status == 401)
        let records = stage.journalText.split(separator: "\n")
        #expect(records.count { $0.contains("the request is not signed") } == StrangerLimit.perSource.burst)
        #expect(records.count { $0.contains("the request was answered before") } == 1)
        await stage.tick()
        let summary = try #require(stage.journalText.split(separator: "\n").first { $0.contains("refuse.summary") })
        #expect(summary.contains(#""count":280,"sources":1,"reasons":{"the request is not signed":280}"#))
    }

    @Test func `a token has the build's claims, and the journal has the token's id`() async throws {
        let vector = try #require(Vector.all.first { $0.name == "env/tag" })
        let stage = try await IssuerStage(vector)
        let reply = await stage.answer(vector.request(), vector.body)
        let key = Array(vector.key.utf8)
        let plain = try #require(AESGCM.open(reply.body, key: key))
        let list = try JSONDecoder().decode([[String: JSONText]].self, from: Data(plain))
        let token = try #require(list.first?["data"]?.text)
        let parts = token.split(separator: ".")
        let payload = try #require(Base64.decode(Array(parts[1].utf8), .url))
        let claims = try #require(JSONParser.parse(payload, limits: .init(bytes: 16_384, depth: 4)).objectValue)
        #expect(claims["sub"] == .string("drone:drone.test:uid:158392:event:tag:ref:refs/tags/v1.0.0"))
        #expect(claims["exp"]?.numberValue?.integer == vector.date.seconds + 3660)
        let records = stage.journalText
        #expect(records.contains("\"event\":\"issuer.mint\"") && records.contains(claims["jti"]?.stringValue ?? "?"))
        #expect(!records.contains(token) && !records.contains("REPOSECRET") && !records.contains(vector.key))
    }
}

/// A member that is text, or something else.
private struct JSONText: Decodable {
    let text: String?

    init(from decoder: any Decoder) throws { text = try? decoder.singleValueContainer().decode(String.self) }
}

/// An issuer without sockets, whose clock stands still.
final class IssuerStage: Sendable {
    private static let pool = BlockingPool(label: "test", threads: 2)
    /// One for all: keys take their time to make.
    private static let ring = Task {
        let folder = NSTemporaryDirectory() + "postern-issuer-keys-" + UUID().uuidString
        let plan = KeyPlan(rotateEvery: .seconds(86_400), maxAge: .seconds(300), lifetime: .seconds(3600))
        defer { try? FileManager.default.removeItem(atPath: folder) }
        return try await KeyRing(path: folder, plan: plan, pool: pool, clock: IssuerClock())
    }

    private let folder: String
    let service: IssuerService
    private let journal: IssuerJournal

    init(
        _ vector: Vector,
        now: Timestamp? = nil,
        notBefore: Timestamp = Timestamp(seconds: 0),
        repeats: Duration = .zero
    ) async throws {
        let now = now ?? vector.date
        folder = NSTemporaryDirectory() + "postern-issuer-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let configuration = TokenIssuerConfiguration(
            issuer: "https://ci.test",
            listen: .init(address: .network(host: "127.0.0.1", port: 0), tls: nil),
            audience: "postern.test",
            keys: .init(directory: folder + "/keys"),
            lifetime: .seconds(3600),
            journal: .init(directory: folder + "/journal", minimumFree: 0),
            drone: .init(
                host: "drone.test",
                secrets: [.environment(name: "UNUSED")],
                encrypt: true,
                repeatWindow: repeats,
                environment: [],
                api: nil
            ),
            woodpecker: nil,
            allow: BuildRules()
        )
        let clock = IssuerClock(now: { now })
        journal = try IssuerJournal(configuration.journal, name: "test", clock: clock)
        service = IssuerService(
            settings: .init(configuration: configuration, secrets: IssuerSecrets(drone: [vector.secret])),
            ring: try await Self.ring.value,
            journal: journal,
            pool: Self.pool,
            resolver: SecretResolver(pool: Self.pool),
            clock: clock,
            notBefore: notBefore,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        )
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// - Parameters:
    ///   - body: nil for one that does not come whole.
    ///   - gate: where the body waits.
    func answer(_ request: IssuerRequest, _ body: String?, after gate: Gate? = nil) async -> IssuerReply {
        await service.answer(request) {
            await gate?.pass()
            return body.map { Array($0.utf8) }
        }
    }

    func tick() async { await journal.tick() }

    var journalText: String {
        (try? String(contentsOfFile: folder + "/journal/issuer-000001.jsonl", encoding: .utf8)) ?? ""
    }
}

/// Where one waits until another opens.
final class Gate: Sendable {
    private let arrival = AsyncStream.makeStream(of: Void.self)
    private let opening = AsyncStream.makeStream(of: Void.self)

    func pass() async {
        arrival.continuation.finish()
        for await _ in opening.stream {}
    }

    func reached() async { for await _ in arrival.stream {} }
    func open() { opening.continuation.finish() }
}
