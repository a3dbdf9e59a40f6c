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

    private typealias Meanings = [Identifier: Deque<Meaning>]

    private var statements: Meanings = [:]
    private var portals: Meanings = [:]
    /// How many meanings hold a text.
    private var holders: [ObjectIdentifier: Int] = [:]
    /// Bytes of the texts that are held, each text counted once.
    private(set) var heldBytes = 0

    var count: Int { statements.count + portals.count }

    /// What the name may stand for, oldest first.
    func meanings(of key: Key) -> Deque<Meaning> {
        switch key.space {
        case .statement: statements[key.name] ?? []
        case .portal: portals[key.name] ?? []
        }
    }

    /// The operation will make the name, if the server agrees.
    mutating func pend(_ key: Key, _ meaning: Meaning) {
        hold(meaning.text)
        switch key.space {
        case .statement: statements[key.name, default: []].append(meaning)
        case .portal: portals[key.name, default: []].append(meaning)
        }
    }

    /// The server did what the operation asked: the name stands for that now.
    ///
    /// - Returns: the statements of portals that had the name before and are gone.
    @discardableResult
    mutating func confirm(_ key: Key, sequence: UInt64) -> [StatementRun] {
        guard meanings(of: key).contains(where: { $0.sequence == sequence }) else { return [] }
        let older = remove(key, before: sequence)
        switch key.space {
        case .statement: statements[key.name]?[0].isConfirmed = true
        case .portal: portals[key.name]?[0].isConfirmed = true
        }
        return older
    }

    /// The server refused or skipped the operation.
    mutating func cancel(_ key: Key, sequence: UInt64) {
        let taken: Meaning?
        switch key.space {
        case .statement: taken = Self.take(&statements, key.name, sequence)
        case .portal: taken = Self.take(&portals, key.name, sequence)
        }
        if let taken { release(taken.text) }
    }

    /// The name is gone; what later operations make of it stays.
    ///
    /// - Returns: the statements of the portals that are gone with it.
    @discardableResult
    mutating func remove(_ key: Key, before sequence: UInt64) -> [StatementRun] {
        switch key.space {
        case .statement: released(Self.take(&statements, key.name, before: sequence, keepsCursors: false))
        case .portal: released(Self.take(&portals, key.name, before: sequence, keepsCursors: false))
        }
    }

    /// DEALLOCATE ALL, which leaves the unnamed statement (DropAllPreparedStatements).
    mutating func removeStatements(before sequence: UInt64) {
        for name in Array(statements.keys) where !name.text.isEmpty {
            remove(Key(space: .statement, name: name), before: sequence)
        }
    }

    /// CLOSE ALL.
    ///
    /// - Returns: the portals' statements.
    mutating func removePortals(before sequence: UInt64) -> [StatementRun] {
        removePortals(before: sequence, keepsCursors: false)
    }

    /// The transaction is over: its portals are gone.
    ///
    /// - Returns: their statements.
    mutating func endTransaction(before sequence: UInt64) -> [StatementRun] {
        removePortals(before: sequence, keepsCursors: true)
    }

    private mutating func removePortals(before sequence: UInt64, keepsCursors: Bool) -> [StatementRun] {
        guard !portals.isEmpty else { return [] }
        var gone: [StatementRun] = []
        for name in Array(portals.keys) {
            gone += released(Self.take(&portals, name, before: sequence, keepsCursors: keepsCursors))
        }
        return gone
    }

    // MARK: In place: one of many that are pending costs no more than one of few

    /// The oldest stand first.
    private static func take(
        _ meanings: inout Meanings,
        _ name: Identifier,
        before sequence: UInt64,
        keepsCursors: Bool
    ) -> [Meaning] {
        guard let index = meanings.index(forKey: name) else { return [] }
        var taken: [Meaning] = []
        var kept: [Meaning] = []
        while let first = meanings.values[index].first, first.sequence < sequence {
            meanings.values[index].removeFirst()
            if keepsCursors, !first.endsWithTransaction { kept.append(first) } else { taken.append(first) }
        }
        for meaning in kept.reversed() { meanings.values[index].prepend(meaning) }
        if meanings.values[index].isEmpty { meanings.remove(at: index) }
        return taken
    }

    private static func take(_ meanings: inout Meanings, _ name: Identifier, _ sequence: UInt64) -> Meaning? {
        guard let index = meanings.index(forKey: name),
            let place = meanings.values[index].firstIndex(where: { $0.sequence == sequence })
        else { return nil }
        let taken = meanings.values[index].remove(at: place)
        if meanings.values[index].isEmpty { meanings.remove(at: index) }
        return taken
    }

    // MARK: Held texts

    private mutating func hold(_ text: StatementText) {
        let holder = ObjectIdentifier(text)
        let count = holders[holder] ?? 0
        if count == 0 { heldBytes += text.bytes.count }
        holders[holder] = count + 1
    }

    private mutating func release(_ text: StatementText) {
        let holder = ObjectIdentifier(text)
        guard let count = holders[holder] else { return }
        holders[holder] = count > 1 ? count - 1 : nil
        if count == 1 { heldBytes -= text.bytes.count }
    }

    private mutating func released(_ taken: [Meaning]) -> [StatementRun] {
        for meaning in taken { release(meaning.text) }
        return taken.compactMap(\.run)
    }
}
