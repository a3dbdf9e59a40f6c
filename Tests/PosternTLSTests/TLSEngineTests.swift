import Glibc
import PosternDemo
import PosternTLS
import PosternTestKit
import Testing

/// Two ends of a connection whose wire is an array.
private final class Wire {
    let server: TLSEngine
    let client: TLSEngine
    private(set) var serverText: [UInt8] = []
    private(set) var clientText: [UInt8] = []
    private let plaintext = UnsafeMutableRawBufferPointer.allocate(byteCount: 160 * 1024, alignment: 16)
    private let ciphertext = UnsafeMutableRawBufferPointer.allocate(byteCount: 128 * 1024, alignment: 16)

    init(server: TLSEngine, client: TLSEngine) {
        self.server = server
        self.client = client
    }

    deinit {
        plaintext.deallocate()
        ciphertext.deallocate()
    }

    /// One step of one end; what it sends goes on, cut into pieces, until nothing is left to send.
    private func receive(_ input: [UInt8], by engine: TLSEngine, piece: Int) {
        var output: [UInt8] = []
        var rest = input[...]
        repeat {
            let now = Array(rest.prefix(piece))
            rest = rest.dropFirst(now.count)
            let progress = now.withUnsafeBytes { engine.receive($0, plaintext: plaintext, ciphertext: ciphertext) }
            let text = plaintext[..<progress.plaintext]
            if engine === server { serverText += text } else { clientText += text }
            output += ciphertext[..<progress.ciphertext]
        } while !rest.isEmpty
        if !output.isEmpty { receive(output, by: engine === server ? client : server, piece: piece) }
    }

    func handshake(piece: Int = .max) { receive([], by: client, piece: piece) }

    func send(_ bytes: [UInt8], from engine: TLSEngine, piece: Int = .max) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let step = Array(rest).withUnsafeBytes { engine.send($0, ciphertext: ciphertext) }
            guard step.consumed > 0 else { return }
            rest = rest.dropFirst(step.consumed)
            receive(Array(ciphertext[..<step.ciphertext]), by: engine === server ? client : server, piece: piece)
        }
    }

    func close(from engine: TLSEngine) {
        let count = engine.close(ciphertext: ciphertext)
        receive(Array(ciphertext[..<count]), by: engine === server ? client : server, piece: .max)
    }
}

/// An authority and a server's certificate in a folder that goes with it.
private final class Folder {
    let path: String
    let authority: String
    let identity: TLSContext.Identity

    init() throws {
        var template = Array("/tmp/postern-tls-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw DemoError("no temporary folder") }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let certificates = try DemoCertificates()
        authority = path + "/ca.crt"
        guard TestFiles.write(String(decoding: certificates.authorityPEM, as: UTF8.self), to: authority) else {
            throw DemoError("cannot write the authority")
        }
        let files = try certificates.writeServer("server", in: path)
        identity = TLSContext.Identity(certificateFile: files.certificate, keyFile: files.key)
    }

    deinit {
        for file in [authority, identity.certificateFile, identity.keyFile] { unlink(file) }
        rmdir(path)
    }
}

struct TLSEngineTests {
    private let folder: Folder
    private let identity: TLSContext.Identity

    init() throws {
        folder = try Folder()
        identity = folder.identity
    }

    private func wire(
        host: String = "localhost",
        verifiesHost: Bool = true,
        offersALPN: Bool = true,
        caFile: String? = nil
    ) throws -> Wire {
        let server = try TLSContext(server: identity)
        let client = try TLSContext(client: .full(caFile: caFile ?? folder.authority), identity: nil)
        return Wire(
            server: try TLSEngine(server: server),
            client: try TLSEngine(client: client, host: host, verifiesHost: verifiesHost, offersALPN: offersALPN)
        )
    }

    @Test(arguments: [1, 7, 1000, Int.max])
    func `a handshake and two megabytes pass in pieces of any size`(piece: Int) throws {
        let wire = try wire()
        wire.handshake(piece: piece)
        #expect(wire.client.phase == .established)
        #expect(wire.server.phase == .established)
        #expect(wire.server.negotiatedALPN)
        #expect(wire.client.serverEndPointHash?.count == 32)
        let length = piece < 1000 ? 50_000 : 2_000_000
        let text = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        wire.send(text, from: wire.client, piece: min(piece, 60_000))
        wire.send(text, from: wire.server, piece: min(piece, 60_000))
        #expect(wire.serverText == text)
        #expect(wire.clientText == text)
        wire.close(from: wire.client)
        #expect(wire.server.phase == .closed)
        // The client has ended its side only: the answer still goes out.
        wire.send([1, 2, 3], from: wire.server)
        #expect(wire.clientText.suffix(3) == [1, 2, 3])
    }

    @Test func `where certificates are asked for nobody comes in without one that is for clients`() throws {
        let server = try TLSContext(server: identity, clientAuthorities: folder.authority)
        // The only other certificate here is a server's.
        let cases: [(TLSContext.Identity?, String)] = [
            (nil, "peer did not return a certificate"), (identity, "unsuitable certificate purpose"),
        ]
        for (own, reason) in cases {
            let client = try TLSContext(client: .full(caFile: folder.authority), identity: own)
            let wire = Wire(
                server: try TLSEngine(server: server),
                client: try TLSEngine(client: client, host: "localhost", verifiesHost: true, offersALPN: true)
            )
            wire.handshake()
            guard case .failed(let error) = wire.server.phase else {
                Issue.record("a client came in: \(reason)")
                continue
            }
            #expect(error.reasons == [reason])
            #expect(wire.server.asksForCertificate)
        }
        let plain = try wire()
        plain.handshake()
        #expect(!plain.server.asksForCertificate)
        #expect(try plain.server.peerNames() == nil)
    }

    @Test func `a file without authorities is no list of them`() {
        #expect(throws: TLSError.self) {
            _ = try TLSContext(server: identity, clientAuthorities: identity.keyFile)
        }
    }

    @Test func `without ALPN the handshake is made and says so`() throws {
        let wire = try wire(offersALPN: false)
        wire.handshake()
        #expect(wire.server.phase == .established)
        #expect(!wire.server.negotiatedALPN)
    }

    @Test func `a name that the certificate does not bear is refused by verify-full alone`() throws {
        let full = try wire(host: "db.example.com")
        full.handshake()
        guard case .failed(let error) = full.client.phase else {
            Issue.record("the name was not checked")
            return
        }
        #expect(error.description.lowercased().contains("hostname mismatch"))
        let chain = try wire(host: "db.example.com", verifiesHost: false)
        chain.handshake()
        #expect(chain.client.phase == .established)
    }

    @Test func `an address is checked as an address`() throws {
        let wire = try wire(host: "127.0.0.1")
        wire.handshake()
        #expect(wire.client.phase == .established)
        let other = try self.wire(host: "127.0.0.2")
        other.handshake()
        #expect(other.client.phase != .established)
    }

    @Test func `a stranger's authority is refused`() throws {
        let strangers = try Folder()
        let wire = try wire(caFile: strangers.authority)
        wire.handshake()
        guard case .failed = wire.client.phase else {
            Issue.record("the chain was not checked")
            return
        }
    }

    @Test func `bytes that are no TLS fail the handshake`() throws {
        let wire = try wire()
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 * 1024, alignment: 16)
        defer { room.deallocate() }
        let other = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 * 1024, alignment: 16)
        defer { other.deallocate() }
        _ = Array("GET / HTTP/1.1\r\n\r\n".utf8).withUnsafeBytes {
            wire.server.receive($0, plaintext: room, ciphertext: other)
        }
        guard case .failed = wire.server.phase else {
            Issue.record("accepted plaintext")
            return
        }
    }

    @Test func `a context tells which file is wrong`() throws {
        let wrongKey = TLSContext.Identity(
            certificateFile: identity.certificateFile,
            keyFile: try Folder().identity.keyFile
        )
        #expect(throws: TLSError.self) { try TLSContext(server: wrongKey) }
        let missing = TLSContext.Identity(certificateFile: "/nowhere.crt", keyFile: identity.keyFile)
        do {
            _ = try TLSContext(server: missing)
            Issue.record("a missing certificate was taken")
        } catch {
            #expect(error.description.contains("/nowhere.crt"))
        }
    }
}
