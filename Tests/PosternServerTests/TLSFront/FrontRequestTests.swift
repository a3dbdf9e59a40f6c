import PosternServer
import Testing

/// What goes on to the server behind a front, at every split.
struct FrontRequestTests {
    private static let get = "GET /jwks HTTP/1.1\r\nHost: x\r\n\r\n"
    private static let post = "POST /drone/env HTTP/1.1\r\nhost: x\r\nDigest: a=b\r\nContent-Length: 5\r\n\r\nhello"

    private func run(_ pieces: [ArraySlice<UInt8>]) -> (passed: String, refusal: FrontRequest.Refusal?) {
        var request = FrontRequest()
        var passed: [UInt8] = []
        for piece in pieces {
            switch request.take(piece) {
            case .wait: break
            case .pass(let bytes): passed += bytes
            case .refuse(let refusal): return (String(decoding: passed, as: UTF8.self), refusal)
            }
        }
        return (String(decoding: passed, as: UTF8.self), nil)
    }

    @Test(arguments: [(get, ""), (get, get), (post, ""), (post, " world"), (post, post)])
    func `one request goes on, and nothing behind it`(request: String, after: String) {
        let bytes = Array((request + after).utf8)
        for split in bytes.indices {
            let (passed, refusal) = run([bytes[..<split], bytes[split...]])
            #expect(passed == request && refusal == nil, "\(split)")
        }
        let (passed, refusal) = run(bytes.indices.map { bytes[$0...$0] })
        #expect(passed == request && refusal == nil)
    }

    @Test(arguments: [
        "Digest: a\r\nDigest: b", "Digest: a\r\nDIGEST: b", "Signature: a\r\nX: y\r\nSignature: a",
        "Content-Length: 1\r\nContent-Length: 1", "Content-Length: 5, 5", "Content-Length: +5", "Content-Length: 0x5",
        "Content-Length:", "Content-Length: 5 5", "Content-Length: 99999999999999999999", "Date : x", " Date: x",
        "Date: x\r\n folded", "Date", ": x", "Date: x\nDigest: y", "Date: x\ry", "Date: x\u{0}y", "Dat\u{e9}: x",
        "Authorization: a\r\nauthorization: b", "Accept: a\r\nAccept: b", "Content-Type: a\r\nContent-Type: b",
    ])
    func `what can be read in two ways does not go on`(fields: String) {
        let bytes = Array("POST / HTTP/1.1\r\nX-A: 1\r\n\(fields)\r\n\r\n".utf8)
        #expect(run([bytes[...]]) == ("", .malformed))
        #expect(run([bytes[..<9], bytes[9...]]) == ("", .malformed))
    }

    @Test func `a body has its length, and a head its bound`() {
        let chunked = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
        #expect(run([Array(chunked.utf8)[...]]) == ("", .noLength))
        let long = Array(("GET / HTTP/1.1\r\nX: " + String(repeating: "x", count: 40_000)).utf8)
        #expect(run([long[...]]) == ("", .headTooLong))
        #expect(run([(long + Array("\r\n\r\n".utf8))[...]]) == ("", .headTooLong))
        // Repeated fields that nobody decides by are nobody's business.
        let harmless = "GET / HTTP/1.1\r\nX-Forwarded-For: a\r\nX-Forwarded-For: b\r\n\r\n"
        #expect(run([Array(harmless.utf8)[...]]) == (harmless, nil))
    }

    @Test func `what was refused stays refused`() {
        var request = FrontRequest()
        #expect(request.take(Array("GET / HTTP/1.1\r\nA\r\n\r\n".utf8)) == .refuse(.malformed))
        #expect(request.take(Array(Self.get.utf8)) == .refuse(.malformed))
        #expect(!request.hasHead)
    }
}
