package import PosternCore

/// Record 0 of a chain.
package struct ChainStart: JournalEvent {
    package static let name = "chain.start"

    /// The gateway's name.
    package let gateway: String
    /// The 32 bytes of the Ed25519 key that signs the chain's checkpoints; base64 in the record.
    package let publicKey: [UInt8]

    package init(gateway: String, publicKey: [UInt8]) {
        self.gateway = gateway
        self.publicKey = publicKey
    }

    package func encode(into writer: inout JSONWriter) {
        writer.member("gateway", gateway)
        writer.member("public_key", Base64.encode(publicKey))
    }
}

/// Records are missing here that nothing waited for: the journal could not be written, and there was no room to keep
/// more of them.
package struct JournalLost: JournalEvent {
    package static let name = "journal.lost"

    package let records: UInt64

    package init(records: UInt64) {
        self.records = records
    }

    package func encode(into writer: inout JSONWriter) {
        writer.member("records", records)
    }
}

/// The first record after a writer that did not stop cleanly.
package struct JournalRecovered: JournalEvent {
    package static let name = "journal.recovered"

    /// The file that it was writing.
    package let file: String
    /// What was kept of the file, in bytes.
    package let wholeBytes: Int
    /// What was cut off its end: half a record, which was never acted on.
    package let tornBytes: Int

    package init(file: String, wholeBytes: Int, tornBytes: Int) {
        self.file = file
        self.wholeBytes = wholeBytes
        self.tornBytes = tornBytes
    }

    package func encode(into writer: inout JSONWriter) {
        writer.member("file", file)
        writer.member("whole_bytes", wholeBytes)
        writer.member("torn_bytes", tornBytes)
    }
}

/// The chain's oldest files were removed because `audit.retain` keeps them no longer.
///
/// Written before they are: that they are gone is what `NAME.retained` allows, which names this record.
package struct RetentionRemoved: JournalEvent, Sendable {
    package static let name = "retention.removed"

    /// The files' names, from the oldest on.
    package let files: [String]
    /// The last record in them, and when it was written.
    package let through: RecordPosition
    package let lastTime: String
    /// What the gateway was told to keep: `400d`.
    package let retain: String

    package init(files: [String], through: RecordPosition, lastTime: String, retain: String) {
        self.files = files
        self.through = through
        self.lastTime = lastTime
        self.retain = retain
    }

    package func encode(into writer: inout JSONWriter) {
        writer.member("files", files.count)
        writer.member("first_file", files.first)
        writer.member("last_file", files.last)
        writer.member("through") {
            $0.member("seq", through.seq)
            $0.member("hash", through.hash.description)
        }
        writer.member("last_time", lastTime)
        writer.member("retain", retain)
    }
}

struct CheckpointEvent: JournalEvent {
    static let name = Checkpoint.event

    let checkpoint: Checkpoint

    func encode(into writer: inout JSONWriter) {
        checkpoint.encode(into: &writer)
    }
}
