internal import PosternCore
internal import PosternSQL

/// A statement that was forwarded, until its outcome is known.
final class StatementRun {
    let number: UInt64
    let transaction: UInt64
    let text: StatementText
    let index: Int
    /// The cycle (Query, FunctionCall or Sync) that it was forwarded in.
    let cycle: UInt64
    let forwarded: MonotonicTime
    /// Where the names that it makes and ends stand among the operations; 0 until it is to be executed.
    var nameSequence: UInt64 = 0
    var rows: UInt64 = 0
    var bytes: UInt64 = 0
    /// The counts of the tags so far, for a text that was not understood.
    var countedRows: UInt64 = 0
    /// Execute of a cursor that SQL made: each has a record of its own.
    let isFetch: Bool
    /// It leaves nothing behind in the session.
    let isPlain: Bool
    /// The server has said something of its execution.
    var hasRun = false
    /// Its outcome is recorded.
    var isFinished = false

    init(
        number: UInt64,
        transaction: UInt64,
        text: StatementText,
        index: Int,
        cycle: UInt64,
        forwarded: MonotonicTime,
        isFetch: Bool
    ) {
        self.number = number
        self.transaction = transaction
        self.text = text
        self.index = index
        self.cycle = cycle
        self.forwarded = forwarded
        self.isFetch = isFetch
        isPlain = text.isPlain(at: index)
    }

    var facts: StatementFacts? { text.facts(at: index) }
}
