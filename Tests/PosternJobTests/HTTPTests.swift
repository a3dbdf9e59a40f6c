import PosternCore
import PosternJob
import Testing

struct HTTPTests {
    private static func read(
        _ text: String,
        at split: Int? = nil,
        isEnd: Bool = false,
        isTunnel: Bool = false
    ) throws(HTTPFailure) -> HTTPResponseReader.Response? {
        var reader = HTTPResponseReader(isTunnel: isTunnel, bodyLimit: 1000)
        let bytes = Array(text.utf8)
        guard let split else { return try reader.received(bytes, isEnd: isEnd) }
        if let early = try reader.received(bytes[..<split]) { return early }
        return try reader.received(bytes[split...], isEnd: isEnd)
    }

    static let good: [(String, Int, String)] = [
        ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, "hello"),
        ("HTTP/1.1 403\r\ncontent-length:0\r\n\r\n", 403, ""),
        ("HTTP/1.1 204 No Content\r\n\r\n", 204, ""),
        ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx", 200, "x"),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;a=b\r\nhe\r\n3\r\nllo\r\n0\r\nT: x\r\n\r\n", 200,
            "hello"
        ),
    ]

    @Test(arguments: good)
    func `every split of a response is the same response`(_ text: String, _ status: Int, _ body: String) throws {
        for split in 1..<text.utf8.count {
            let response = try Self.read(text, at: split)
            #expect(response?.status == status, "split at \(split)")
            #expect(response.map { String(decoding: $0.body, as: UTF8.self) } == body, "split at \(split)")
        }
    }

    @Test func `a body without a length ends with the connection`() throws {
        let text = "HTTP/1.0 200 OK\r\n\r\nhello"
        #expect(try Self.read(text) == nil)
        #expect(try Self.read(text, isEnd: true)?.body == Array("hello".utf8))
    }

    @Test(
        arguments: [
            "", "SSH-2.0-x\r\n\r\n", "HTTP/2 200\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 +20 OK\r\n\r\n",
            "HTTP/1.1 200 OK\n\n", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell",
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello!", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx",
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n", "HTTP/1.1 200 OK\r\n: x\r\n\r\n",
            "HTTP/1.1 200 OK\r\n folded\r\n\r\n", "HTTP/1.1 200 OK\r\nA : b\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffff\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nxy\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nx",
            "HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 0\r\n\r\n",
        ]
    )
    func `what could be read in two ways is not read`(_ text: String) {
        #expect(throws: HTTPFailure.self) { try Self.read(text, isEnd: true) }
    }

    @Test func `what does not end is given up`() {
        let endless = "HTTP/1.1 200 OK\r\n" + String(repeating: "A: b\r\n", count: 10_000)
        #expect(throws: HTTPFailure.self) { try Self.read(endless) }
        let long = "HTTP/1.1 200 OK\r\n\r\n" + String(repeating: "x", count: 1001)
        #expect(throws: HTTPFailure.self) { try Self.read(long) }
    }

    @Test func `nothing may follow a proxy's good answer`() throws {
        #expect(try Self.read("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", isTunnel: true)?.status == 200)
        #expect(throws: HTTPFailure.self) { try Self.read("HTTP/1.1 200 OK\r\n\r\nx", isTunnel: true) }
    }

    // MARK: Addresses and proxies

    @Test(
        arguments: [
            ("https://a.example/x?y=1", "a.example", 443, "/x?y=1"), ("HTTPS://a.example", "a.example", 443, "/"),
            ("https://a:8443?x", "a", 8443, "/?x"), ("https://[::1]:1/x", "::1", 1, "/x"),
        ]
    )
    func `an https URL`(_ text: String, _ host: String, _ port: UInt16, _ target: String) {
        let address = WebAddress(text)
        #expect(address?.host == host && address?.port == port && address?.target == target)
    }

    @Test(
        arguments: [
            "http://a/", "https://", "https:///x", "https://u@a/", "https://a/#f", "https://a/ b", "https://a/\r\nX: y",
            "https://a:0/", "https://a/\u{E9}", "ftp://a",
        ]
    )
    func `is nothing else`(_ text: String) {
        #expect(WebAddress(text) == nil)
    }

    @Test func `parameters are added behind those that are there`() {
        #expect(WebAddress("https://a/x?y")?.adding("audience", "a b&c/d").target == "/x?y&audience=a%20b%26c%2Fd")
        #expect(WebAddress("https://a/x")?.adding("v", "1").target == "/x?v=1")
    }

    @Test(
        arguments: [
            (["HTTPS_PROXY": "http://p:3128"], "p"), (["https_proxy": "p:3128", "HTTPS_PROXY": "http://q"], "p"),
            (["ALL_PROXY": "http://p"], "p"), ([:], nil), (["HTTPS_PROXY": ""], nil),
            (["HTTPS_PROXY": "http://p", "NO_PROXY": "*"], nil),
            (["HTTPS_PROXY": "http://p", "no_proxy": "x, service.example.com"], nil),
            (["HTTPS_PROXY": "http://p", "NO_PROXY": ".example.com"], nil),
            (["HTTPS_PROXY": "http://p", "NO_PROXY": "*.example.com"], nil),
            (["HTTPS_PROXY": "http://p", "NO_PROXY": "example.com:443"], nil),
            (["HTTPS_PROXY": "http://p", "NO_PROXY": "example.com:444"], "p"),
            (["HTTPS_PROXY": "http://p", "NO_PROXY": "ample.com,vice.example.com"], "p"),
        ] as [([String: String], String?)]
    )
    func `the proxy is that of the environment`(_ variables: [String: String], _ host: String?) throws {
        let address = try #require(WebAddress("https://service.example.com/x"))
        let proxy = try HTTPProxy.choose(for: address, in: JobEnvironment(variables: variables))
        #expect(proxy?.host == host)
    }

    @Test(arguments: ["https://p", "socks5://p", "http://", "http://p:x"])
    func `another kind of proxy is an error`(_ text: String) throws {
        let address = try #require(WebAddress("https://service.example.com/x"))
        #expect(throws: JobTrouble.self) {
            try HTTPProxy.choose(for: address, in: JobEnvironment(variables: ["HTTPS_PROXY": text]))
        }
    }
}
