internal import PosternCore
internal import PosternPolicy
internal import PosternSQL

/// A message that went upstream and that the server will answer.
struct Operation {
    enum Kind {
        /// Answered by ParseComplete.
        case parse
        /// Answered by BindComplete.
        case bind
        /// Answered by RowDescription or NoData, for a statement after ParameterDescription.
        case describe
        /// Answered by CommandComplete, EmptyQueryResponse, PortalSuspended, or by the end of a copy.
        case execute
        /// Answered by CloseComplete.
        case close
        /// Answered by ReadyForQuery, after the answers to its statements.
        case query
        /// Answered by ReadyForQuery.
        case functionCall
        /// Answered by ReadyForQuery.
        case sync
        /// CopyDone or CopyFail, which has no answer of its own: it stands here to tell what was sent before it.
        case copyEnd
    }

    let kind: Kind
    /// Grows with each operation: what happens to names is told by it. A Query's is above those of the names that its
    /// statements make.
    var sequence: UInt64
    let forwarded: MonotonicTime
    /// The statement that this is about: of a Query the one that runs now.
    var run: StatementRun?
    var gate = RowGate.Part.none
    /// The name that Parse or Bind makes and that Close ends.
    var naming: NameTable.Key?
    /// The server has answered it with an error.
    var hasFailed = false
    // Apart: an operation is copied for each answer, and most have neither.
    private var rare: Rare?

    private final class Rare {
        var following: [StatementRun] = []
        var poison: Poison?
        var own: OwnStatement?
    }

    /// Of a Query: those that follow, last first.
    var following: [StatementRun] {
        get { rare?.following ?? [] }
        set {
            guard rare != nil || !newValue.isEmpty else { return }
            let rare = madeRare()
            rare.following = newValue
        }
    }

    /// What went up in its place.
    var poison: Poison? {
        get { rare?.poison }
        set {
            guard rare != nil || newValue != nil else { return }
            let rare = madeRare()
            rare.poison = newValue
        }
    }

    /// What the gateway answers in place of the server's one row; nil once the server has completed it.
    var own: OwnStatement? {
        get { rare?.own }
        set {
            guard rare != nil || newValue != nil else { return }
            let rare = madeRare()
            rare.own = newValue
        }
    }

    /// Of a Query: the statement after the one that ran is the one that runs now.
    mutating func runNext() {
        if let next = rare?.following.popLast() { run = next }
    }

    private mutating func madeRare() -> Rare {
        if let rare { return rare }
        let made = Rare()
        rare = made
        return made
    }

    init(_ kind: Kind, _ sequence: UInt64, at moment: MonotonicTime) {
        self.kind = kind
        self.sequence = sequence
        forwarded = moment
    }

    /// ReadyForQuery answers it.
    var endsCycle: Bool {
        switch kind {
        case .query, .functionCall, .sync: true
        case .parse, .bind, .describe, .execute, .close, .copyEnd: false
        }
    }

    /// ReadyForQuery may be its answer now: of a Query only when its statements are answered.
    var awaitsReady: Bool {
        switch kind {
        case .sync, .functionCall: true
        case .query:
            hasFailed || run.map { $0.isFinished || $0.text.judged.isUnparsed } ?? (poison == nil && own == nil)
        case .parse, .bind, .describe, .execute, .close, .copyEnd: false
        }
    }

    /// The server may be working on it.
    var isWork: Bool {
        switch kind {
        case .query, .functionCall, .sync, .bind, .execute: true
        case .parse, .describe, .close, .copyEnd: false
        }
    }
}
