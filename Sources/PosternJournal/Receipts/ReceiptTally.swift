package import PosternCore

/// What a session has done so far, counted from its records.
///
/// The gateway counts while it writes them, a verifier while it reads them: by the same bytes, so that both come to the
/// same. Bounded, whatever a job does.
package struct ReceiptTally: Sendable {
    /// Objects that a receipt names, and bytes that their names may take.
    static let objectLimit = 256
    static let objectBytes = 32 * 1024
    /// Denials that a receipt describes.
    static let denialLimit = 32

    private struct Object: Sendable {
        /// As they are written between the quotes.
        let name: [UInt8]
        let kind: [UInt8]
        var classes: UInt8
    }

    private struct Denial: Sendable {
        let statement: UInt64
        let tag: [UInt8]?
        let object: [UInt8]?
        let rule: [UInt8]?
        let reason: [UInt8]?
    }

    /// Members that were counted a moment ago, by their place in memory: what is executed again says nothing new.
    private struct Known: Sendable {
        /// Held, so that the place is nobody else's.
        let members: [UInt8]
        let statementClass: Int

        func isSame(as other: [UInt8]) -> Bool {
            members.withUnsafeBufferPointer { mine in
                other.withUnsafeBufferPointer { mine.baseAddress == $0.baseAddress && mine.count == $0.count }
            }
        }
    }

    private static let knownLimit = 8
    private static let results = ["ok", "error", "skipped", "canceled", "unknown"]
    private static let ends = ["commit", "rollback", "unknown"]

    private var forwarded = [UInt64](repeating: 0, count: DecisionFields.classes.count)
    private var outcomes = [UInt64](repeating: 0, count: ReceiptTally.results.count)
    private var transactions = [UInt64](repeating: 0, count: ReceiptTally.ends.count)
    private var withheld: UInt64 = 0
    private var denied: UInt64 = 0
    private var wouldDeny: UInt64 = 0
    private var rows: UInt64 = 0
    private var notes: UInt64 = 0
    private var denials: [Denial] = []
    private var objects: [Object] = []
    private var nameBytes = 0
    private var leftOut: UInt64 = 0
    private var known: [Known] = []
    private var nextKnown = 0

    package init() {}

    // MARK: Counting

    /// A `statement.decision`.
    ///
    /// - Parameter members: the record's members from `tag` to `reason`; what stands around them does no harm.
    package mutating func decided(_ members: [UInt8], statement: UInt64, isForwarded: Bool) {
        if isForwarded, let known = known.first(where: { $0.isSame(as: members) }) {
            forwarded[known.statementClass] &+= 1
            return
        }
        members.withUnsafeBufferPointer { bytes in
            let fields = DecisionFields(bytes)
            if isForwarded {
                forwarded[fields.statementClass] &+= 1
                if fields.wouldDeny { wouldDeny &+= 1 }
                let leftOutBefore = leftOut
                for object in fields.objects { touch(object, in: bytes) }
                let isPlain = !fields.isDenied && !fields.wouldDeny && leftOut == leftOutBefore
                if isPlain { remember(Known(members: members, statementClass: fields.statementClass)) }
            } else {
                withheld &+= 1
            }
            if fields.isDenied { deny(fields, statement, in: bytes) }
        }
    }

    private mutating func remember(_ record: Known) {
        if known.count < Self.knownLimit {
            known.append(record)
        } else {
            known[nextKnown] = record
            nextKnown = (nextKnown + 1) % Self.knownLimit
        }
    }

    /// A `statement.outcome`.
    package mutating func ended(_ result: String, rows: UInt64) {
        if let place = Self.results.firstIndex(of: result) { outcomes[place] &+= 1 }
        self.rows &+= rows
    }

    /// A `transaction.end`.
    package mutating func transactionEnded(_ result: String) {
        if let place = Self.ends.firstIndex(of: result) { transactions[place] &+= 1 }
    }

    /// A `session.note` or `guard.result`.
    package mutating func noted() { notes &+= 1 }

    private mutating func touch(_ object: DecisionFields.Object, in bytes: UnsafeBufferPointer<UInt8>) {
        let name = bytes[object.name]
        let kind = bytes[object.kind ?? 0..<0]
        for index in objects.indices where objects[index].name.count == name.count {
            guard objects[index].name.elementsEqual(name), objects[index].kind.elementsEqual(kind) else { continue }
            objects[index].classes |= object.classes
            return
        }
        guard objects.count < Self.objectLimit, nameBytes + name.count <= Self.objectBytes else {
            leftOut &+= 1
            return
        }
        nameBytes += name.count
        objects.append(Object(name: Array(name), kind: Array(kind), classes: object.classes))
    }

    private mutating func deny(
        _ fields: DecisionFields,
        _ statement: UInt64,
        in bytes: UnsafeBufferPointer<UInt8>
    ) {
        denied &+= 1
        guard denials.count < Self.denialLimit else { return }
        func text(_ range: Range<Int>?) -> [UInt8]? { range.map { Array(bytes[$0]) } }
        denials.append(
            Denial(
                statement: statement,
                tag: text(fields.tag),
                object: text(fields.deniedObject),
                rule: text(fields.rule),
                reason: text(fields.reason)
            )
        )
    }

    // MARK: Writing

    /// The members `statements` to `objects_left_out` of a receipt.
    package func encode(into writer: inout JSONWriter) {
        writer.member("statements") { writer in
            for (name, count) in zip(DecisionFields.classes, forwarded) { writer.count(name, count) }
        }
        writer.member("outcomes") { writer in
            for (name, count) in zip(Self.results, outcomes) { writer.count(name, count) }
        }
        writer.member("transactions") { writer in
            for (name, count) in zip(Self.ends, transactions) { writer.count(name, count) }
        }
        writer.member("rows", rows)
        writer.member("notes", notes)
        writer.member("withheld", withheld)
        writer.member("would_deny", wouldDeny)
        writer.member("denied", denied)
        writer.name("denials")
        writer.beginArray()
        for denial in denials { encode(denial, into: &writer) }
        writer.endArray()
        writer.name("objects")
        writer.beginArray()
        for object in objects { encode(object, into: &writer) }
        writer.endArray()
        writer.member("objects_left_out", leftOut)
    }

    private func encode(_ denial: Denial, into writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("statement", denial.statement)
        writer.written("tag", denial.tag)
        writer.written("object", denial.object)
        writer.written("rule", denial.rule)
        writer.written("reason", denial.reason)
        writer.endObject()
    }

    private func encode(_ object: Object, into writer: inout JSONWriter) {
        writer.beginObject()
        writer.written("object", object.name)
        if !object.kind.isEmpty { writer.written("kind", object.kind) }
        let classes = DecisionFields.classes.enumerated().filter { object.classes & 1 << UInt8($0.offset) != 0 }
        writer.member("classes", strings: classes.map(\.element))
        writer.endObject()
    }
}

extension JSONWriter {
    fileprivate mutating func count(_ name: String, _ count: UInt64) {
        self.name(name)
        integer(count)
    }

    /// A text member as a record has it between the quotes.
    fileprivate mutating func written(_ name: String, _ text: [UInt8]?) {
        guard let text else { return }
        self.name(name)
        append { bytes in
            bytes.append(UInt8(ascii: "\""))
            bytes.append(contentsOf: text)
            bytes.append(UInt8(ascii: "\""))
        }
    }
}
