import PosternUpstream
import PostgresWire
import Testing

struct HostTests {
    private static let hosts = [UpstreamHost(name: "db1", port: 5432), UpstreamHost(name: "::1", port: 5433)]

    private static func result(standby: String?, readOnly: String?) -> LoginResult {
        var parameters: [ParameterStatus] = []
        if let standby { parameters.append(ParameterStatus(name: "in_hot_standby", value: standby)) }
        if let readOnly { parameters.append(ParameterStatus(name: "default_transaction_read_only", value: readOnly)) }
        return LoginResult(parameters: parameters)
    }

    @Test(arguments: [
        (SessionAttributes.any, [true, true, true, true, true]),
        (.readWrite, [true, false, false, false, false]),
        (.readOnly, [false, true, true, true, false]),
        (.primary, [true, true, false, false, false]),
        (.standby, [false, false, true, true, false]),
        (.preferStandby, [false, false, true, true, false]),
    ])
    func `attributes are decided from two settings`(attributes: SessionAttributes, accepted: [Bool]) {
        let servers = [("off", "off"), ("off", "on"), ("on", "off"), ("on", "on"), (nil, nil)] as [(String?, String?)]
        let decisions = servers.map { attributes.accept(Self.result(standby: $0.0, readOnly: $0.1).parameters) }
        #expect(decisions == accepted)
    }

    @Test func `hosts are tried in order and every failure is kept for the log`() {
        var attempts = HostAttempts(hosts: Self.hosts, attributes: .any)
        #expect(attempts.start() == .attempt(Self.hosts[0]))
        #expect(attempts.failed(UpstreamFailure(.unreachable, "connection refused")) == .attempt(Self.hosts[1]))
        #expect(
            attempts.failed(UpstreamFailure(.encryption, "server does not support TLS"))
                == .fail(
                    UpstreamFailure(
                        .encryption,
                        "db1:5432: connection refused; [::1]:5433: server does not support TLS"
                    )
                )
        )
    }

    @Test func `a host of the wrong kind is passed over`() {
        var attempts = HostAttempts(hosts: Self.hosts, attributes: .readWrite)
        _ = attempts.start()
        #expect(attempts.loggedIn(Self.result(standby: "on", readOnly: "off")) == .attempt(Self.hosts[1]))
        #expect(attempts.loggedIn(Self.result(standby: "off", readOnly: "off")) == .use)
    }

    @Test func `prefer-standby goes round twice`() {
        var attempts = HostAttempts(hosts: Self.hosts, attributes: .preferStandby)
        let primary = Self.result(standby: "off", readOnly: "off")
        #expect(attempts.start() == .attempt(Self.hosts[0]))
        #expect(attempts.loggedIn(primary) == .attempt(Self.hosts[1]))
        #expect(attempts.failed(UpstreamFailure(.unreachable, "no route")) == .attempt(Self.hosts[0]))
        #expect(attempts.loggedIn(primary) == .use)
    }

    @Test(arguments: [
        (UpstreamFailure(.refused(.invalidPassword), "x"), false), (UpstreamFailure(.refused(nil), "x"), false),
        (UpstreamFailure(.refused(.invalidCatalogName), "x"), false), (UpstreamFailure(.methodNotAllowed, "x"), false),
        (UpstreamFailure(.superuser, "x"), false), (UpstreamFailure(.refused(.cannotConnectNow), "x"), true),
        (UpstreamFailure(.refused(.tooManyConnections), "x"), true), (UpstreamFailure(.violation, "x"), true),
        (UpstreamFailure(.unreachable, "x"), true), (UpstreamFailure(.plan, "x"), false),
    ])
    func `only what another host may change leads to it`(failure: UpstreamFailure, goesOn: Bool) {
        var attempts = HostAttempts(hosts: Self.hosts, attributes: .any)
        _ = attempts.start()
        let action = attempts.failed(failure)
        #expect((action == .attempt(Self.hosts[1])) == goesOn)
        if !goesOn { #expect(action == .fail(UpstreamFailure(failure.reason, "db1:5432: x"))) }
    }

    @Test func `the job hears of the failure that says most`() {
        var attempts = HostAttempts(hosts: Self.hosts, attributes: .any)
        _ = attempts.start()
        _ = attempts.failed(UpstreamFailure(.refused(.tooManyConnections), "full"))
        guard case .fail(let failure) = attempts.failed(UpstreamFailure(.unreachable, "away")) else {
            Issue.record("no failure")
            return
        }
        #expect(failure.refusal.sqlState == .tooManyConnections)
        var none = HostAttempts(hosts: [], attributes: .any)
        #expect(none.start() == .fail(UpstreamFailure(.unreachable, "no host is configured")))
        var wrong = HostAttempts(hosts: [Self.hosts[0]], attributes: .standby)
        _ = wrong.start()
        #expect(
            wrong.loggedIn(Self.result(standby: "off", readOnly: "off"))
                == .fail(UpstreamFailure(.attributes, "db1:5432: session is not standby"))
        )
    }

    @Test(arguments: [
        (UpstreamFailure(.unreachable, "x"), SQLState.connectionFailure),
        (UpstreamFailure(.refused(.invalidPassword), "x"), .connectionFailure),
        (UpstreamFailure(.refused(nil), "x"), .connectionFailure),
        (UpstreamFailure(.refused(.adminShutdown), "x"), .cannotConnectNow),
        (UpstreamFailure(.refused(.cannotConnectNow), "x"), .cannotConnectNow),
        (UpstreamFailure(.refused(.tooManyConnections), "x"), .tooManyConnections),
        (UpstreamFailure(.attributes, "x"), .cannotConnectNow),
    ])
    func `the job's texts are fixed`(failure: UpstreamFailure, state: SQLState) {
        #expect(failure.refusal.sqlState == state)
        #expect(UpstreamFailure(failure.reason, "other").refusal == failure.refusal)
    }
}
