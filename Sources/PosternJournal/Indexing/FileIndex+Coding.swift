internal import Glibc
internal import PosternCore
internal import PosternCrypto

/// The index on disk: the machine's own byte order, since it is made anew wherever it is missing.
///
/// ```
/// 16 bytes  name and version
///  8        covered, lastHash (64 digits), modified, firstTime, lastTime, unreadable, firstUnreadable
///  …        sessions, entries, lists of accesses, accesses: a count and their bytes
///  …        strings: a count, and for each its length and bytes
/// 32        SHA-256 of all of this
/// ```
extension FileIndex {
    private static let magic = Array("postern-index-3\n".utf8)
    /// No index of a file is larger: counts are believed up to what the file has bytes for.
    static let maximumSize = 1 << 32

    var encoded: [UInt8] {
        var bytes = Self.magic
        bytes.reserveCapacity(entries.count * MemoryLayout<IndexEntry>.stride + (1 << 16))
        for number in [
            Int64(covered), modified, firstTime.microseconds, lastTime.microseconds, Int64(unreadable),
            Int64(firstUnreadable),
        ] {
            Self.append(number, to: &bytes)
        }
        lastHash.append(to: &bytes)
        Self.append(all: sessions, to: &bytes)
        Self.append(all: entries, to: &bytes)
        Self.append(all: accessLists, to: &bytes)
        Self.append(all: accesses, to: &bytes)
        Self.append(Int64(strings.count), to: &bytes)
        for string in strings {
            Self.append(Int64(string.utf8.count), to: &bytes)
            bytes += string.utf8
        }
        return bytes + Digest.sha256.hash(bytes)
    }

    private static func append(_ value: Int64, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: value) { bytes.append(contentsOf: $0) }
    }

    /// For types of plain numbers only.
    private static func append<Element: BitwiseCopyable>(all elements: [Element], to bytes: inout [UInt8]) {
        append(Int64(elements.count), to: &bytes)
        elements.withUnsafeBytes { bytes.append(contentsOf: $0) }
    }

    /// Takes what was written; nil for anything that is not whole, or points outside itself.
    init?(_ bytes: [UInt8]) {
        guard bytes.starts(with: Self.magic), bytes.count > Self.magic.count + 32,
            Digest.sha256.hash(bytes.dropLast(32)).elementsEqual(bytes.suffix(32))
        else { return nil }
        var reader = Reader(bytes: bytes, offset: Self.magic.count, end: bytes.count - 32)
        guard let covered = reader.number(), let modified = reader.number(), let first = reader.number(),
            let last = reader.number(), let unreadable = reader.number(), let firstUnreadable = reader.number(),
            let lastHash = RecordHash(reader.take(RecordHash.textLength))
        else { return nil }
        self.covered = Int(covered)
        self.modified = modified
        self.firstTime = Timestamp(microseconds: first)
        self.lastTime = Timestamp(microseconds: last)
        self.unreadable = Int(unreadable)
        self.firstUnreadable = Int(firstUnreadable)
        self.lastHash = lastHash
        guard let sessions = reader.all(IndexedSession.self), let entries = reader.all(IndexEntry.self),
            let lists = reader.all(IndexedRange.self), let accesses = reader.all(IndexedAccess.self),
            let strings = reader.strings()
        else { return nil }
        (self.sessions, self.entries, self.accessLists) = (sessions, entries, lists)
        (self.accesses, self.strings) = (accesses, strings)
        guard reader.isAtEnd, isConsistent else { return nil }
    }

    private var isConsistent: Bool {
        func isString(_ place: UInt32) -> Bool { place < strings.count || place == Self.unknown }
        return covered >= 0 && !strings.isEmpty && !accessLists.isEmpty
            && entries.allSatisfy { entry in
                entry.session < sessions.count && entry.kind != nil && entry.offset < covered
                    && (entry.tag < strings.count || entry.tag == Self.unknownTag)
                    && (entry.accesses < accessLists.count || entry.accesses == Self.unknown)
            }
            && sessions.allSatisfy { session in
                [session.role, session.database, session.repository, session.ref, session.run, session.subject]
                    .allSatisfy(isString)
                    && (session.start < covered || session.start == IndexedSession.none)
                    && (session.end < covered || session.end == IndexedSession.none)
            }
            && accessLists.allSatisfy { $0.start <= $0.end && $0.end <= accesses.count }
            && accesses.allSatisfy { isString($0.tag) && isString($0.kind) && isString($0.object) }
    }
}

/// Reads an index's bytes from left to right.
private struct Reader {
    let bytes: [UInt8]
    var offset: Int
    let end: Int

    var isAtEnd: Bool { offset == end }

    mutating func take(_ count: Int) -> ArraySlice<UInt8> {
        let slice = bytes[offset..<min(end, offset + count)]
        offset = slice.endIndex
        return slice
    }

    mutating func number() -> Int64? {
        guard end - offset >= 8 else { return nil }
        defer { offset += 8 }
        return bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: Int64.self) }
    }

    /// For types of plain numbers, of which every bit pattern is a value.
    mutating func all<Element: BitwiseCopyable>(_ type: Element.Type) -> [Element]? {
        let stride = MemoryLayout<Element>.stride
        guard let count = number(), count >= 0, count <= (end - offset) / stride else { return nil }
        let size = Int(count) * stride
        let start = offset
        offset += size
        return bytes.withUnsafeBytes { source in
            [Element](unsafeUninitializedCapacity: Int(count)) { target, initialized in
                UnsafeMutableRawBufferPointer(target).copyMemory(
                    from: UnsafeRawBufferPointer(rebasing: source[start..<start + size])
                )
                initialized = Int(count)
            }
        }
    }

    mutating func strings() -> [String]? {
        guard let count = number(), count >= 0, count <= (end - offset) / 8 else { return nil }
        var strings: [String] = []
        strings.reserveCapacity(Int(count))
        for _ in 0..<count {
            guard let length = number(), length >= 0, length <= end - offset else { return nil }
            strings.append(String(decoding: take(Int(length)), as: UTF8.self))
        }
        return strings
    }
}
