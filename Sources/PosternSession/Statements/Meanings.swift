internal import DequeModule
internal import PosternSQL

/// What the names of one space, statements or portals, stand for: for each the oldest first.
///
/// Everything is changed in place: one of many that are pending costs no more than one of few. The unnamed one, which
/// drivers make and end with each statement, keeps its memory from one to the next.
struct Meanings {
    typealias Meaning = NameTable.Meaning

    private static let keptCapacity = 64

    private var unnamed: Deque<Meaning> = []
    private var named: [Identifier: Deque<Meaning>] = [:]

    var count: Int { named.count + (unnamed.isEmpty ? 0 : 1) }
    var isEmpty: Bool { unnamed.isEmpty && named.isEmpty }
    /// Names but the unnamed one.
    var names: [Identifier] { Array(named.keys) }

    func all(of name: Identifier) -> Deque<Meaning> {
        name.text.isEmpty ? unnamed : named[name] ?? []
    }

    mutating func append(_ meaning: Meaning, to name: Identifier) {
        if name.text.isEmpty { unnamed.append(meaning) } else { named[name, default: []].append(meaning) }
    }

    /// The name stands for what this operation made.
    ///
    /// - Returns: what it stood for before, nil where the operation made nothing that is still there.
    mutating func confirm(_ name: Identifier, _ sequence: UInt64) -> [Meaning]? {
        change(name, nil) { meanings in
            guard let place = meanings.firstIndex(where: { $0.sequence == sequence }) else { return nil }
            let older = place == 0 ? [] : Array(meanings.prefix(place))
            meanings.removeFirst(place)
            meanings[0].isConfirmed = true
            return older
        }
    }

    /// Takes out what older operations made of the name.
    mutating func take(_ name: Identifier, before sequence: UInt64, keepsCursors: Bool) -> [Meaning] {
        change(name, []) { meanings in
            var taken: [Meaning] = []
            var kept: [Meaning] = []
            while let first = meanings.first, first.sequence < sequence {
                meanings.removeFirst()
                if keepsCursors, !first.endsWithTransaction { kept.append(first) } else { taken.append(first) }
            }
            for meaning in kept.reversed() { meanings.prepend(meaning) }
            // What a long pipeline needed is not kept for the life of an idle session.
            if meanings.isEmpty, taken.count > Self.keptCapacity { meanings = [] }
            return taken
        }
    }

    /// Takes out what one operation made of the name.
    mutating func take(_ name: Identifier, _ sequence: UInt64) -> Meaning? {
        change(name, nil) { meanings in
            meanings.firstIndex { $0.sequence == sequence }.map { meanings.remove(at: $0) }
        }
    }

    private mutating func change<Value>(
        _ name: Identifier,
        _ nothing: Value,
        _ body: (inout Deque<Meaning>) -> Value
    ) -> Value {
        if name.text.isEmpty { return body(&unnamed) }
        guard let index = named.index(forKey: name) else { return nothing }
        defer { if named.values[index].isEmpty { named.remove(at: index) } }
        return body(&named.values[index])
    }
}
