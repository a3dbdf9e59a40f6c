/// What a receipt counts of a statement's decision, as places in the record's bytes.
struct DecisionFields: RecordMemberVisitor {
    /// pgAudit's classes in the contract's order, and what was not understood.
    static let classes = ["read", "write", "ddl", "role", "function", "misc", "unparsed"]
    static let unparsed = classes.count - 1

    struct Object {
        let name: Range<Int>
        let kind: Range<Int>?
        /// Bits by the places in `classes`.
        let classes: UInt8
    }

    /// Inside the list of accesses, inside one of them.
    private static let accessDepth = 2

    /// A place in `classes`.
    private(set) var statementClass = DecisionFields.unparsed
    private(set) var tag: Range<Int>?
    private(set) var rule: Range<Int>?
    private(set) var reason: Range<Int>?
    private(set) var isDenied = false
    private(set) var wouldDeny = false
    private(set) var objects: [Object] = []
    /// The object of the first access that was denied.
    private(set) var deniedObject: Range<Int>?

    private var accessClass: UInt8 = 0
    private var kind: Range<Int>?
    private var object: Range<Int>?
    private var isAccessDenied = false

    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        RecordMembers.scan(bytes, &self)
    }

    mutating func text(_ name: Range<Int>, _ value: Range<Int>, in bytes: UnsafeBufferPointer<UInt8>, depth: Int) {
        func isNamed(_ word: StaticString) -> Bool { bytes.spells(word, at: name) }
        switch depth {
        case 0 where isNamed("class"): statementClass = Self.place(of: value, in: bytes) ?? Self.unparsed
        case 0 where isNamed("tag"): tag = value
        case 0 where isNamed("rule"): rule = value
        case 0 where isNamed("reason"): reason = value
        case 0 where isNamed("decision"): isDenied = bytes.spells("deny", at: value)
        case 0 where isNamed("would"): wouldDeny = bytes.spells("deny", at: value)
        case Self.accessDepth where isNamed("class"):
            accessClass = Self.place(of: value, in: bytes).map { 1 << UInt8($0) } ?? 0
        case Self.accessDepth where isNamed("kind"): kind = value
        case Self.accessDepth where isNamed("object"): object = value
        case Self.accessDepth where isNamed("decision"): isAccessDenied = bytes.spells("deny", at: value)
        default: break
        }
    }

    mutating func objectClosed(depth: Int) {
        guard depth == Self.accessDepth else { return }
        if let object {
            if isAccessDenied, deniedObject == nil { deniedObject = object }
            objects.append(Object(name: object, kind: kind, classes: accessClass))
        }
        accessClass = 0
        kind = nil
        object = nil
        isAccessDenied = false
    }

    private static func place(of value: Range<Int>, in bytes: UnsafeBufferPointer<UInt8>) -> Int? {
        classes.firstIndex { $0.utf8.elementsEqual(bytes[value]) }
    }
}
