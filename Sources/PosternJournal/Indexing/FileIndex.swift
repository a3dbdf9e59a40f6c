internal import PosternCore

/// What a journal file holds of sessions, and where: enough to know which records to look at.
///
/// It is a help to find records and never evidence: whatever is shown is read from the journal itself.
struct FileIndex: Sendable {
    /// What the index is of: that many bytes of the file, the last whole line among them with this hash, and when the
    /// file was changed last.
    var covered = 0
    var lastHash: RecordHash = .zero
    var modified: Int64 = 0

    var firstTime = Timestamp(microseconds: .max)
    var lastTime = Timestamp(microseconds: .min)
    /// Lines that are no records, and where the first of them begins.
    var unreadable = 0
    var firstUnreadable = 0

    var sessions: [IndexedSession] = []
    var entries: [IndexEntry] = []
    /// Each once; 0 stands for none.
    var strings: [String] = [""]
    /// For each list of accesses where its part of `accesses` begins and ends; 0 is the empty list.
    var accessLists: [IndexedRange] = [IndexedRange(start: 0, end: 0)]
    var accesses: [IndexedAccess] = []

    /// Of a list of accesses or a tag that was one too many to be kept: the record must be read.
    static let unknown = UInt32.max
    static let unknownTag = UInt16.max
}

/// A record of a session. 32 bytes, written to disk as they are.
struct IndexEntry: Sendable {
    enum Kind: UInt8 {
        case start = 1
        case refused
        case decision
        case outcome
        case transactionEnd
        case end
        case cancel
        /// What the job had noted.
        case note
        case guardResult
    }

    private var offsetLow: UInt32
    /// The beginning of `text_mac`.
    var code: UInt32 = 0
    var time: Int64
    /// Its place in the index's sessions.
    var session: UInt32
    /// Of a statement or a transaction.
    var number: UInt32 = 0
    /// Its list of accesses.
    var accesses: UInt32 = 0
    var tag: UInt16 = 0
    private var offsetHigh: UInt8
    private var flags: UInt8

    init(_ kind: Kind, offset: Int, time: Timestamp, session: UInt32) {
        offsetLow = UInt32(truncatingIfNeeded: offset)
        offsetHigh = UInt8(truncatingIfNeeded: offset >> 32)
        self.time = time.microseconds
        self.session = session
        flags = kind.rawValue
    }

    /// Files are 1 TiB at most.
    static let maximumOffset = 1 << 40

    var offset: Int { Int(offsetHigh) << 32 | Int(offsetLow) }
    var kind: Kind? { Kind(rawValue: flags & 0x0F) }

    var isDenied: Bool {
        get { flags & 0x10 != 0 }
        set { flags = newValue ? flags | 0x10 : flags & ~0x10 }
    }
}

/// A session that a file has records of.
struct IndexedSession: Sendable {
    static let none = UInt64.max

    let key: SessionKey
    /// Where its first record begins, start or refusal, and its last; `none` where they are in other files.
    var start = none
    var end = none
    var startTime: Int64 = 0
    /// Decisions in this file.
    var decisions: UInt32 = 0
    var denied: UInt32 = 0
    /// What the start says, as places in the strings.
    var role: UInt32 = 0
    var database: UInt32 = 0
    var repository: UInt32 = 0
    var ref: UInt32 = 0
    var run: UInt32 = 0
    var subject: UInt32 = 0

    init(key: SessionKey) {
        self.key = key
    }
}

struct IndexedRange: Sendable {
    var start: UInt32
    var end: UInt32
}

/// One object of an access, by one of its names: places in the strings.
struct IndexedAccess: Sendable {
    var tag: UInt32
    var kind: UInt32
    var object: UInt32
}

/// The 16 characters of a session's id.
struct SessionKey: Hashable, Sendable {
    private let high: UInt64
    private let low: UInt64

    /// - Returns: nil for what is no id.
    init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == SessionID.length else { return nil }
        var words: [UInt64] = [0, 0]
        for (index, byte) in bytes.enumerated() {
            let isLetter = UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte
            guard isLetter || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte else { return nil }
            words[index / 8] = words[index / 8] << 8 | UInt64(byte)
        }
        (high, low) = (words[0], words[1])
    }

    init?(_ text: String) { self.init(Array(text.utf8)) }
}
