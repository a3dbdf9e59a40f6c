internal import DequeModule
internal import PosternSQL

/// The names of prepared statements and portals, with what they stand for.
///
/// SQL and the protocol share both namespaces: PREPARE and Parse, DECLARE and Bind (protocol.md 1.6). A name changes
/// when the server has answered, not when the message went up; until then it may stand for either.
struct NameTable {
    enum Space: Hashable {
        case statement
        case portal
    }

    struct Key: Hashable {
        let space: Space
        let name: Identifier
    }

    struct Meaning {
        /// The text, and which statement of it: of `PREPARE p AS …` that statement.
        let text: StatementText
        let index: Int
        /// The portal's statement, where Bind made it.
        let run: StatementRun?
        /// The operation that made it.
        let sequence: UInt64
        var isConfirmed: Bool
        /// A portal ends with its transaction; a cursor of SQL may be WITH HOLD.
        let endsWithTransaction: Bool
    }

    private var statements = Meanings()
    private var portals = Meanings()
    /// How many meanings hold a text.
    private var holders: [ObjectIdentifier: Int] = [:]
    /// Bytes of the texts that are held, each text counted once.
    private(set) var heldBytes = 0

    var count: Int { statements.count + portals.count }

    /// What the name may stand for, oldest first.
    func meanings(of key: Key) -> Deque<Meaning> {
        switch key.space {
        case .statement: statements.all(of: key.name)
        case .portal: portals.all(of: key.name)
        }
    }

    /// The operation will make the name, if the server agrees.
    mutating func pend(_ key: Key, _ meaning: Meaning) {
        hold(meaning.text)
        switch key.space {
        case .statement: statements.append(meaning, to: key.name)
        case .portal: portals.append(meaning, to: key.name)
        }
    }

    /// The server did what the operation asked: the name stands for that now.
    ///
    /// - Returns: the statements of portals that had the name before and are gone, as far as their outcome is open.
    @discardableResult
    mutating func confirm(_ key: Key, sequence: UInt64) -> [StatementRun] {
        let older =
            switch key.space {
            case .statement: statements.confirm(key.name, sequence)
            case .portal: portals.confirm(key.name, sequence)
            }
        return older.map { released($0) } ?? []
    }

    /// The server refused or skipped the operation.
    mutating func cancel(_ key: Key, sequence: UInt64) {
        let taken =
            switch key.space {
            case .statement: statements.take(key.name, sequence)
            case .portal: portals.take(key.name, sequence)
            }
        if let taken { release(taken.text) }
    }

    /// The name is gone; what later operations make of it stays.
    ///
    /// - Returns: the statements of the portals that are gone with it, as far as their outcome is open.
    @discardableResult
    mutating func remove(_ key: Key, before sequence: UInt64) -> [StatementRun] {
        switch key.space {
        case .statement: released(statements.take(key.name, before: sequence, keepsCursors: false))
        case .portal: released(portals.take(key.name, before: sequence, keepsCursors: false))
        }
    }

    /// DEALLOCATE ALL, which leaves the unnamed statement (DropAllPreparedStatements).
    mutating func removeStatements(before sequence: UInt64) {
        for name in statements.names { remove(Key(space: .statement, name: name), before: sequence) }
    }

    /// CLOSE ALL.
    ///
    /// - Returns: the portals' statements, as far as their outcome is open.
    mutating func removePortals(before sequence: UInt64) -> [StatementRun] {
        removePortals(before: sequence, keepsCursors: false)
    }

    /// The transaction is over: its portals are gone.
    ///
    /// - Returns: their statements, as far as their outcome is open.
    mutating func endTransaction(before sequence: UInt64) -> [StatementRun] {
        removePortals(before: sequence, keepsCursors: true)
    }

    private mutating func removePortals(before sequence: UInt64, keepsCursors: Bool) -> [StatementRun] {
        guard !portals.isEmpty else { return [] }
        var gone = released(portals.take("", before: sequence, keepsCursors: keepsCursors))
        for name in portals.names {
            gone += released(portals.take(name, before: sequence, keepsCursors: keepsCursors))
        }
        return gone
    }

    // MARK: Held texts

    /// Texts up to this size are counted as one of it for each name: to count them costs more than they do.
    static let smallText = 1024

    private mutating func hold(_ text: StatementText) {
        guard text.bytes.count > Self.smallText else { return }
        let holder = ObjectIdentifier(text)
        let count = holders[holder] ?? 0
        if count == 0 { heldBytes += text.bytes.count }
        holders[holder] = count + 1
    }

    private mutating func release(_ text: StatementText) {
        guard text.bytes.count > Self.smallText else { return }
        let holder = ObjectIdentifier(text)
        guard let count = holders[holder] else { return }
        holders[holder] = count > 1 ? count - 1 : nil
        if count == 1 { heldBytes -= text.bytes.count }
    }

    private mutating func released(_ taken: [Meaning]) -> [StatementRun] {
        var open: [StatementRun] = []
        for meaning in taken {
            release(meaning.text)
            if let run = meaning.run, !run.isFinished { open.append(run) }
        }
        return open
    }
}
