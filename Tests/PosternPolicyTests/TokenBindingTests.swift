import PosternPolicy
import Testing

struct TokenBindingTests {
    private func network(_ text: String) throws -> ClientNetwork { try ClientNetwork(text) }

    @Test(arguments: [
        ("10.0.0.0/8", "10.255.255.255", true), ("10.0.0.0/8", "11.0.0.0", false), ("10.1.2.3", "10.1.2.3", true),
        ("10.1.2.3", "10.1.2.2", false), ("10.1.2.0/23", "10.1.3.255", true), ("10.1.2.0/23", "10.1.4.0", false),
        ("0.0.0.0/0", "203.0.113.9", true), ("0.0.0.0/0", "::1", false), ("::/0", "2001:db8::1", true),
        ("::/0", "203.0.113.9", false), ("2001:db8::/33", "2001:db8:7fff::1", true),
        ("2001:db8::/33", "2001:db8:8000::1", false), ("::1", "::1", true), ("::1", "::2", false),
        ("10.0.0.0/8", "::ffff:10.1.2.3", true), ("10.0.0.0/8", "::ffff:11.1.2.3", false),
        ("::/0", "::ffff:10.1.2.3", false), ("unix", "unix", true), ("unix", "10.0.0.1", false),
        ("0.0.0.0/0", "unix", false), ("::/0", "unix", false),
    ])
    func `a network has the addresses that begin like it`(text: String, address: String, isInside: Bool) throws {
        let address = try #require(ClientAddress(address))
        #expect(try network(text).contains(address) == isInside)
    }

    @Test(arguments: [
        "", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/08", "10.0.0.0/8/8", "10.0.0.1/8", "10.0.0/8",
        "::1/129", "2001:db8::1/32", "::ffff:10.0.0.0/104", "::ffff:10.0.0.1", "localhost", "unix/8", "10.0.0.0/ 8",
        "fe80::1%eth0",
    ])
    func `anything else is no network`(text: String) {
        #expect(throws: ClientNetwork.Invalid.self) { _ = try ClientNetwork(text) }
    }

    @Test func `a slip in a prefix is mended by the hint`() {
        #expect {
            _ = try ClientNetwork("10.1.2.3/20")
        } throws: { ($0 as? ClientNetwork.Invalid)?.hint == "the network is `10.1.0.0/20`" }
    }

    @Test func `an address that cannot be told is in no network`() throws {
        #expect(ClientAddress(bytes: []) == nil && ClientAddress(bytes: [1, 2, 3]) == nil)
        for text in ["0.0.0.0/0", "::/0", "unix"] { #expect(try !network(text).contains(.network([]))) }
    }

    @Test func `a connection is refused for what is asked and known`() throws {
        let binding = TokenBinding(maximumTokenAge: .seconds(60), clientNetworks: [try network("10.0.0.0/8")])
        let inside = ClientAddress("10.1.2.3"), outside = ClientAddress("192.0.2.1")
        let cases: [(GrantConnection, GrantRefusal?)] = [
            (GrantConnection(address: inside, tokenAge: .seconds(60)), nil),
            (GrantConnection(address: inside, tokenAge: .milliseconds(60_001)), .tokenAge),
            (GrantConnection(address: outside, tokenAge: .seconds(61)), .clientNetwork),
            (GrantConnection(address: .unix, tokenAge: .zero), .clientNetwork), (GrantConnection(), nil),
        ]
        for (connection, refusal) in cases { #expect(binding.refusal(of: connection) == refusal) }
        #expect(TokenBinding().refusal(of: GrantConnection(address: outside, tokenAge: .seconds(1 << 20))) == nil)
    }
}
