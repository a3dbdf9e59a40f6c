internal import PosternCore
internal import PosternSession

/// Judgements of one loop, by the exact text and what it was judged by. Bounded in bytes.
///
/// Two halves: what is asked for moves into the young one, and when that is full the old one goes. It keeps what is in
/// use and costs a lookup, nothing more.
struct StatementCache {
    /// What makes two equal texts different.
    struct Context: Hashable {
        /// The role's judge: another one after each change of policy or catalogue.
        let judge: Int
        let searchPaths: Int
    }

    private struct Key: Hashable {
        let context: Context
        let hash: Int
    }

    /// What an entry costs beside its text and its records' members: the facts and decisions.
    private static let overhead = 2048

    private let capacity: Int
    private var young: [Key: StatementText] = [:]
    private var old: [Key: StatementText] = [:]
    private var youngBytes = 0

    /// - Parameter capacity: bytes, roughly.
    init(capacity: Int) {
        self.capacity = capacity
    }

    mutating func find(_ text: borrowing Span<UInt8>, _ context: Context) -> StatementText? {
        let key = Key(context: context, hash: Self.hash(text))
        if let found = young[key] { return Self.isEqual(found.bytes, text) ? found : nil }
        guard let found = old.removeValue(forKey: key), Self.isEqual(found.bytes, text) else { return nil }
        store(found, key)
        return found
    }

    mutating func insert(_ text: StatementText, _ context: Context) {
        let bytes = text.bytes
        store(text, Key(context: context, hash: Self.hash(bytes.span)))
    }

    mutating func removeAll() {
        young = [:]
        old = [:]
        youngBytes = 0
    }

    private mutating func store(_ text: StatementText, _ key: Key) {
        let cost = text.bytes.count + text.fragments.reduce(0) { $0 + $1.bytes.count } + Self.overhead
        guard cost <= capacity / 4 else { return }
        if youngBytes + cost > capacity / 2 {
            old = young
            young = [:]
            youngBytes = 0
        }
        young[key] = text
        youngBytes += cost
    }

    private static func hash(_ text: borrowing Span<UInt8>) -> Int {
        var hasher = Hasher()
        text.withUnsafeBytes { hasher.combine(bytes: $0) }
        return hasher.finalize()
    }

    private static func isEqual(_ bytes: [UInt8], _ text: borrowing Span<UInt8>) -> Bool {
        guard bytes.count == text.count else { return false }
        return text.withUnsafeBytes { other in bytes.withUnsafeBytes { $0.elementsEqual(other) } }
    }
}
