import PosternJob
import Testing

struct GatewayAddressTests {
    @Test(
        arguments: [
            ("gateway.example.com:6432", "gateway.example.com", 6432),
            ("gateway.example.com", "gateway.example.com", 6432),
            ("127.0.0.1:5432", "127.0.0.1", 5432),
            ("[::1]:5433", "::1", 5433),
            ("[::1]", "::1", 6432),
        ]
    )
    func `an address is a host and a port`(_ text: String, _ host: String, _ port: UInt16) {
        let address = GatewayAddress(text)
        #expect(address?.host == host)
        #expect(address?.port == port)
    }

    @Test(
        arguments: [
            "", ":6432", "host:", "host:0", "host:65536", "host:+1", "host:1x", "::1", "https://host", "a b:1",
            "user@host:1",
            "[::1", "[::1]x", "h\u{E9}:1", "a,b:1",
        ]
    )
    func `an address is nothing else`(_ text: String) {
        #expect(GatewayAddress(text) == nil)
    }
}
