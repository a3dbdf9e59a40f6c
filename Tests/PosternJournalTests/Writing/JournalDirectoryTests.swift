import Glibc
import PosternCore
import PosternCrypto
import PosternJournal
import Testing

@Suite struct JournalDirectoryTests {
    private let folder = WriterFolder()
    private var keyFile: String { folder.path + "/text.key" }

    private func write(_ bytes: [UInt8], to path: String) throws {
        let file = try #require(fopen(path, "w"))
        #expect(fwrite(bytes, 1, bytes.count, file) == bytes.count)
        fclose(file)
    }

    private func read(_ path: String) throws -> [UInt8] {
        let file = try #require(fopen(path, "r"))
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1000)
        return Array(bytes[..<fread(&bytes, 1, bytes.count, file)])
    }

    @Test func `a text's code is its HMAC-SHA-256 under the key in the file`() throws {
        // RFC 4231, test case 3, has 20 bytes of key: HMAC fills them up with zeros.
        try write(Array(repeating: 0xAA, count: 20) + Array(repeating: 0, count: 12), to: keyFile)
        chmod(keyFile, 0o600)
        let directory = try JournalDirectory(path: folder.path, signingKeyFile: nil)
        let text = Array(repeating: UInt8(0xDD), count: 50)
        let code = "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
        #expect(directory.textKey.code(of: text) == code)
        #expect(try TextKey(directory: folder.path).code(of: text[...]) == code)
    }

    @Test func `the key is made once, and each journal has another`() throws {
        #expect(throws: JournalError.self) { try TextKey(directory: folder.path) }
        let text = Array("SELECT 1".utf8)
        var codes: [String] = []
        for _ in 0..<2 {
            codes.append(try JournalDirectory(path: folder.path, signingKeyFile: nil).textKey.code(of: text))
        }
        #expect(codes[0] == codes[1])
        #expect(folder.size(of: "text.key") == 32)
        var status = stat()
        #expect(stat(keyFile, &status) == 0 && status.st_mode & 0o777 == 0o600)
        let other = WriterFolder()
        #expect(try JournalDirectory(path: other.path, signingKeyFile: nil).textKey.code(of: text) != codes[0])
    }

    @Test(arguments: [(32, mode_t(0o640)), (32, 0o604), (31, 0o600), (33, 0o600), (0, 0o600)])
    func `a text key that others may read or that is no key is refused`(count: Int, mode: mode_t) throws {
        try write(Array(repeating: 7, count: count), to: keyFile)
        chmod(keyFile, mode)
        #expect(throws: JournalError.self) { try JournalDirectory(path: folder.path, signingKeyFile: nil) }
        #expect(throws: JournalError.self) { try TextKey(directory: folder.path) }
    }

    @Test func `policies are kept under the hash of their manifest, all of them or none`() throws {
        let directory = try JournalDirectory(path: folder.path, signingKeyFile: nil)
        var manifest: [UInt8] = []
        for path in ["a.yaml", "b/c.yaml"] {
            manifest += Array(path.utf8) + [0] + Array(Hex.encode(Digest.sha256.hash(path.utf8)).utf8) + [10]
        }
        let hash = Hex.encode(Digest.sha256.hash(manifest))
        // What a crash left behind does no harm.
        mkdir(folder.path + "/policies", 0o700)
        mkdir(folder.path + "/policies/." + hash, 0o700)
        try write([1], to: folder.path + "/policies/." + hash + "/0-a.yaml")
        for _ in 0..<2 {
            try directory.keepPolicies(
                hash: hash,
                files: ["a.yaml", "b/c.yaml"].map { (path: $0, contents: Array($0.utf8)) }
            )
            #expect(folder.names(folder.path + "/policies") == [hash])
            #expect(folder.names(folder.path + "/policies/" + hash) == ["0-a.yaml", "1-b__c.yaml", "manifest"])
        }
        let kept = folder.path + "/policies/" + hash
        #expect(try read(kept + "/manifest") == manifest)
        #expect(try read(kept + "/0-a.yaml") == Array("a.yaml".utf8))
    }
}
