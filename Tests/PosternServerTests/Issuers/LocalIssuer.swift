import Foundation
import PosternIdentity
import PosternTestKit

/// A HTTPS server on loopback with its own authority. It ends with this process, when its standard input closes.
final class LocalIssuer: Sendable {
    enum Failure: Error {
        case program(String)
    }

    let folder: String
    let port: Int
    let mint: TokenMint
    /// Held for its pipe: the server ends when it closes.
    private let input: Pipe

    /// The server that all tests share.
    static let shared = Result { try LocalIssuer() }

    init() throws {
        folder = try Self.makeFolder()
        mint = try TokenMint(.es256, keyID: "served")
        guard TestFiles.write(try mint.keySetText(), to: folder + "/jwks.json") else { throw Failure.program("write") }
        try Self.run([
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", folder + "/key.pem", "-out",
            folder + "/certificate.pem",
        ])
        let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Fixtures/issuer_server.py").path()
        let server = Process()
        input = Pipe()
        let output = Pipe()
        server.executableURL = URL(filePath: "/usr/bin/env")
        server.arguments = ["python3", script, folder]
        server.standardInput = input
        server.standardOutput = output
        try server.run()
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        guard let port = Int(line.trimmingCharacters(in: .whitespacesAndNewlines)) else { throw Failure.program(line) }
        self.port = port
    }

    func url(_ path: String) -> String { "https://localhost:\(port)\(path)" }

    var connection: IssuerConnection { IssuerConnection(caFile: folder + "/certificate.pem", allowPrivate: true) }

    private static func makeFolder() throws -> String {
        let url = FileManager.default.temporaryDirectory.appending(path: "postern-tests-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        return url.path()
    }

    private static func run(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure.program(arguments[0]) }
    }
}
