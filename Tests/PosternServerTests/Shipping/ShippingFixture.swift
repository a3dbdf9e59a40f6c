import PosternCore
import PosternJournal

/// Records of one chain, made in memory.
final class ShippingFixture {
    private var chain = HashChain(id: ChainID())
    private let time: Timestamp

    init(at time: Timestamp = Timestamp(seconds: 1_795_224_580)) {
        self.time = time
    }

    /// The next records, all alike.
    func records(
        _ event: String = "session.cancel",
        count: Int = 1,
        _ body: (inout JSONWriter) -> Void = { _ in }
    ) throws -> [FollowedRecord] {
        try (0..<count).map { _ in
            var encoder = RecordEncoder(chain: chain.id)
            let hash = encoder.encode(in: chain, time: time, event: event, body: body)
            _ = chain.advance(hash)
            let line = Array(encoder.lines.dropLast())
            guard let frame = RecordFrame(line) else { throw JournalReadError("the encoder's line is no record") }
            return FollowedRecord(line: line, frame: frame)
        }
    }
}
