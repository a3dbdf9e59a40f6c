internal import PosternCore
internal import PosternCrypto

/// The key of `text_mac`: whoever has it and a script can prove that exactly this statement ran, and nobody else can
/// try texts against a journal that keeps none.
///
/// 32 random bytes in `text.key` beside the journal, mode 0600.
package struct TextKey: Sendable {
    private static let fileName = "text.key"
    private static let byteCount = 32

    private let key: Redacted<SHA256.AuthenticationKey>

    private init(_ key: [UInt8]) {
        self.key = Redacted(SHA256.AuthenticationKey(key))
    }

    /// Reads the key of a journal, for those who look for a text in it.
    ///
    /// - Throws: when there is none, or when others may read it.
    package init(directory: String) throws(JournalError) {
        guard let key = try Self.read(from: directory) else {
            throw JournalError("`\(directory)/\(Self.fileName)` is not there")
        }
        self = key
    }

    /// Reads a key that was put elsewhere.
    package init(file path: String) throws(JournalError) {
        guard let key = try Self.read(path) else { throw JournalError("`\(path)` is not there") }
        self = key
    }

    /// The key of a journal that is opened to be written: made when there is none.
    static func take(from directory: String) throws(JournalError) -> TextKey {
        if let key = try read(from: directory) { return key }
        let key = SecureRandom.bytes(byteCount)
        try Files.replace(directory + "/" + fileName, with: key, mode: 0o600)
        return TextKey(key)
    }

    private static func read(from directory: String) throws(JournalError) -> TextKey? {
        try read(directory + "/" + fileName)
    }

    private static func read(_ path: String) throws(JournalError) -> TextKey? {
        guard let key = try Files.read(path, limit: byteCount, isPrivate: true) else { return nil }
        guard key.count == byteCount else { throw JournalError("`\(path)` does not have \(byteCount) bytes") }
        return TextKey(key)
    }

    /// The HMAC-SHA-256 of a text as a record has it: 64 lower-case hexadecimal digits.
    ///
    /// - Parameter text: the bytes of one statement as the job sent it, without the semicolon at its end and what stands
    ///   around it.
    package func code(of text: some Collection<UInt8>) -> String {
        text.withContiguousStorageIfAvailable { digits(of: UnsafeRawBufferPointer($0)) }
            ?? Array(text).withUnsafeBytes(digits)
    }

    private func digits(of text: UnsafeRawBufferPointer) -> String {
        withUnsafeTemporaryAllocation(byteCount: SHA256.byteCount, alignment: 8) { code in
            key.reveal().code(of: text, into: code)
            return Hex.encode(code)
        }
    }
}
