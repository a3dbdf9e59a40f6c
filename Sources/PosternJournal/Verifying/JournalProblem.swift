internal import PosternCore

/// Where in a journal something is wrong.
package struct JournalLocation: Hashable, Sendable, CustomStringConvertible {
    /// The file's name without its folder.
    package let file: String
    /// Counts from 1; nil for the file as a whole.
    package let line: Int?

    package init(file: String, line: Int? = nil) {
        self.file = file
        self.line = line
    }

    package var description: String { line.map { "\(file):\($0)" } ?? file }
}

/// One thing that shows that a journal is not what was written.
package struct JournalProblem: Hashable, Sendable, CustomStringConvertible {
    package enum Kind: String, Hashable, Sendable {
        /// A line is no record.
        case unreadable
        /// A record's bytes do not have its hash.
        case changed
        /// A record's number is not the next one.
        case sequence
        /// A record does not name the hash of the one before.
        case link
        /// A record of another chain.
        case chain
        /// The chain's first record is not `chain.start`, or that event stands elsewhere.
        case start
        /// An id that may be used once is used again.
        case duplicate
        /// A checkpoint that none of the keys signed, or that is not one.
        case checkpoint
        /// Half a record where only whole ones may be.
        case torn
        /// The chain does not end where it must.
        case end
        /// The state file is missing or not signed.
        case state
        /// Another chain's checkpoints say otherwise.
        case heads
        /// A file could not be read.
        case file
        /// A record that was kept elsewhere is not in the chain.
        case expected
        /// What says which records were removed is not signed, or says otherwise than the chain.
        case retention
        /// A key's endorsement is not signed, or says otherwise than the chain.
        case key
    }

    package let kind: Kind
    package let location: JournalLocation
    /// The number that the record there states; nil where there is none.
    package let seq: UInt64?
    /// Lower case, without a full stop.
    package let text: String

    package init(_ kind: Kind, at location: JournalLocation, seq: UInt64? = nil, _ text: String) {
        self.seq = seq
        self.kind = kind
        self.location = location
        self.text = text
    }

    /// For a terminal: names of files and chains are whatever somebody gave them.
    package var description: String { TerminalText.escaped("\(location): \(text)") }
}

/// What was found out about one chain.
package struct ChainReport: Hashable, Sendable {
    package enum End: Hashable, Sendable {
        /// The writer stopped cleanly, and this is how it left the chain.
        case closed
        /// A writer is at work or died: what comes after the last record cannot be told.
        case open
        /// There is no state that can be trusted.
        case unknown
    }

    package let name: String
    /// The name for a terminal.
    package var shownName: String { TerminalText.escaped(name) }
    /// The chain's id as its first record has it.
    package internal(set) var chain: ChainID?
    package internal(set) var records: UInt64 = 0
    package internal(set) var files = 0
    /// The first record.
    package internal(set) var firstSeq: UInt64?
    /// The last record that was removed because it was old enough, where the chain begins later for it.
    package internal(set) var removed: RecordPosition?
    /// The last record, and when it was written.
    package internal(set) var head: RecordPosition?
    package internal(set) var lastTime: String?
    /// The last record that a good signature stands on.
    package internal(set) var lastCheckpoint: RecordPosition?
    package internal(set) var lastCheckpointTime: String?
    /// Records after the last good checkpoint: nothing but their own hashes holds them.
    package internal(set) var uncovered: UInt64 = 0
    /// Bytes of half a record at the end of an open chain.
    package internal(set) var tornBytes = 0
    package internal(set) var end = End.unknown
    /// The first `maximumProblems`, in the order of the files.
    package internal(set) var problems: [JournalProblem] = []
    /// All problems, also those that are not listed.
    package internal(set) var problemCount = 0

    package static let maximumProblems = 100

    package var isIntact: Bool { problemCount == 0 }

    init(name: String) {
        self.name = name
    }

    mutating func note(_ problem: JournalProblem) {
        problemCount += 1
        if problems.count < Self.maximumProblems { problems.append(problem) }
    }
}
