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

    private var meanings: [Key: [Meaning]] = [:]
    /// Bytes of the texts that are held, each counted for each name.
    private(set) var heldBytes = 0

    var count: Int { meanings.count }

    /// What the name may stand for, oldest first.
    func meanings(of key: Key) -> [Meaning] { meanings[key] ?? [] }

    /// The operation will make the name, if the server agrees.
    mutating func pend(_ key: Key, _ meaning: Meaning) {
        heldBytes += meaning.text.bytes.count
        meanings[key, default: []].append(meaning)
    }

    /// The server did what the operation asked: the name stands for that now.
    mutating func confirm(_ key: Key, sequence: UInt64) {
        guard var list = meanings[key], let made = list.firstIndex(where: { $0.sequence == sequence }) else { return }
        release(list[..<made])
        list.removeFirst(made)
        list[0].isConfirmed = true
        meanings[key] = list
    }

    /// The server refused or skipped the operation.
    mutating func cancel(_ key: Key, sequence: UInt64) {
        remove(key) { $0.sequence == sequence }
    }

    /// The name is gone; what later operations make of it stays.
    mutating func remove(_ key: Key, before sequence: UInt64) {
        remove(key) { $0.sequence < sequence }
    }

    mutating func removeAll(in space: Space, before sequence: UInt64) {
        for key in meanings.keys where key.space == space { remove(key, before: sequence) }
    }

    /// The transaction is over: its portals are gone.
    ///
    /// - Parameter ended: called for each statement that was bound and is gone now.
    mutating func endTransaction(before sequence: UInt64, ended: (StatementRun) -> Void) {
        for (key, list) in meanings where key.space == .portal {
            for meaning in list where meaning.endsWithTransaction && meaning.sequence < sequence {
                if let run = meaning.run { ended(run) }
            }
            remove(key) { $0.endsWithTransaction && $0.sequence < sequence }
        }
    }

    private mutating func remove(_ key: Key, where isGone: (Meaning) -> Bool) {
        guard let list = meanings[key] else { return }
        let rest = list.filter { !isGone($0) }
        guard rest.count < list.count else { return }
        release(list.filter(isGone)[...])
        meanings[key] = rest.isEmpty ? nil : rest
    }

    private mutating func release(_ gone: ArraySlice<Meaning>) {
        for meaning in gone { heldBytes -= meaning.text.bytes.count }
    }
}
