internal import PosternCore

/// Makes an index from a file's lines, one after the other.
struct IndexBuilder {
    /// Different strings, and different lists of accesses, that an index keeps. Whoever may run statements chooses them.
    private static let maximumInterned = 1 << 18
    private static let maximumAccesses = 1 << 22
    /// A longer name is left to the record.
    private static let maximumString = 4096

    private(set) var index: FileIndex
    private var places: [SessionKey: UInt32] = [:]
    private var strings: [Int: UInt32] = [:]
    private var lists: [Int: (text: [UInt8], place: UInt32)] = [:]

    /// - Parameter index: what is there already, to be gone on with.
    init(_ index: FileIndex = FileIndex()) {
        self.index = index
        for (place, session) in index.sessions.enumerated() { places[session.key] = UInt32(place) }
        for (place, string) in index.strings.enumerated() {
            strings[string.utf8.withContiguousStorageIfAvailable(Self.hash) ?? 0] = UInt32(place)
        }
    }

    /// - Parameter offset: where in the file the line begins.
    mutating func take(_ line: UnsafeBufferPointer<UInt8>, offset: Int) {
        index.covered = offset + line.count + 1
        guard let glance = RecordGlance(line), offset < IndexEntry.maximumOffset else { return refuse(offset) }
        index.lastHash = RecordGlance.hash(of: line) ?? .zero
        index.firstTime = min(index.firstTime, glance.time)
        index.lastTime = max(index.lastTime, glance.time)
        guard let kind = Self.kind(of: glance, line) else { return }
        var members = MemberScanner(line, glance.fields)
        guard let first = members.next(), line.holds(first.name, "session"),
            let session = place(of: UnsafeBufferPointer(rebasing: line[line.inside(first.value)]))
        else { return refuse(offset) }
        var entry = IndexEntry(kind, offset: offset, time: glance.time, session: session)
        switch kind {
        case .start, .refused: begin(Int(session), offset, glance.time, line, &members)
        case .decision: decide(&entry, line, &members)
        case .outcome, .transactionEnd:
            if let number = members.next().flatMap({ line.number($0.value) }) {
                entry.number = UInt32(clamping: number)
            }
        case .end: index.sessions[Int(session)].end = UInt64(offset)
        case .cancel, .note, .guardResult: break
        }
        index.entries.append(entry)
    }

    mutating func passOver(lineAt offset: Int, next: Int) {
        index.covered = next
        refuse(offset)
    }

    private mutating func refuse(_ offset: Int) {
        if index.unreadable == 0 { index.firstUnreadable = offset }
        index.unreadable += 1
    }

    private static func kind(of glance: RecordGlance, _ line: UnsafeBufferPointer<UInt8>) -> IndexEntry.Kind? {
        if glance.isEvent("statement.decision", in: line) { return .decision }
        if glance.isEvent("statement.outcome", in: line) { return .outcome }
        if glance.isEvent("transaction.end", in: line) { return .transactionEnd }
        if glance.isEvent("session.start", in: line) { return .start }
        if glance.isEvent("session.end", in: line) { return .end }
        if glance.isEvent("session.refused", in: line) { return .refused }
        if glance.isEvent("session.cancel", in: line) { return .cancel }
        if glance.isEvent("session.note", in: line) { return .note }
        if glance.isEvent("guard.result", in: line) { return .guardResult }
        return nil
    }

    private mutating func place(of id: UnsafeBufferPointer<UInt8>) -> UInt32? {
        guard let key = SessionKey(id) else { return nil }
        if let place = places[key] { return place }
        let place = UInt32(index.sessions.count)
        index.sessions.append(IndexedSession(key: key))
        places[key] = place
        return place
    }

    // MARK: Sessions

    private mutating func begin(
        _ session: Int,
        _ offset: Int,
        _ time: Timestamp,
        _ line: UnsafeBufferPointer<UInt8>,
        _ members: inout MemberScanner
    ) {
        index.sessions[session].start = UInt64(offset)
        index.sessions[session].startTime = time.microseconds
        while let member = members.next() {
            if line.holds(member.name, "role") {
                index.sessions[session].role = intern(line, member.value)
            } else if line.holds(member.name, "database") {
                index.sessions[session].database = intern(line, member.value)
            } else if line.holds(member.name, "identity") {
                var identity = MemberScanner(line, line.inside(member.value))
                while let member = identity.next() {
                    guard line.holds(member.name, "subject") else { continue }
                    index.sessions[session].subject = intern(line, member.value)
                }
            } else if line.holds(member.name, "run") {
                run(session, line, member.value)
            }
        }
    }

    private mutating func run(_ session: Int, _ line: UnsafeBufferPointer<UInt8>, _ value: Range<Int>) {
        var run = MemberScanner(line, line.inside(value))
        while let member = run.next() {
            if line.holds(member.name, "repository") {
                index.sessions[session].repository = intern(line, member.value)
            } else if line.holds(member.name, "ref") {
                index.sessions[session].ref = intern(line, member.value)
            } else if line.holds(member.name, "id") {
                index.sessions[session].run = intern(line, member.value)
            }
        }
    }

    // MARK: Statements

    private mutating func decide(
        _ entry: inout IndexEntry,
        _ line: UnsafeBufferPointer<UInt8>,
        _ members: inout MemberScanner
    ) {
        while let member = members.next() {
            let (name, value) = (member.name, member.value)
            if line.holds(name, "statement") {
                entry.number = UInt32(clamping: line.number(value) ?? 0)
            } else if line.holds(name, "tag") {
                let tag = intern(line, value)
                entry.tag = tag < FileIndex.unknownTag ? UInt16(tag) : FileIndex.unknownTag
            } else if line.holds(name, "text_mac") {
                entry.code = Self.code(UnsafeBufferPointer(rebasing: line[line.inside(value)]))
            } else if line.holds(name, "accesses") {
                entry.accesses = list(line, value)
            } else if line.holds(name, "accesses_left_out") {
                entry.accesses = FileIndex.unknown
            } else if line.holds(name, "decision") {
                entry.isDenied = line.holds(line.inside(value), "deny")
            }
        }
        index.sessions[Int(entry.session)].decisions &+= 1
        if entry.isDenied { index.sessions[Int(entry.session)].denied &+= 1 }
    }

    /// The first 32 bits of a code of a text.
    static func code(_ hexadecimal: some Collection<UInt8>) -> UInt32 {
        hexadecimal.prefix(8).reduce(0) { $0 << 4 | UInt32(HexDigit.value(of: $1) ?? 0) }
    }

    private mutating func list(_ line: UnsafeBufferPointer<UInt8>, _ value: Range<Int>) -> UInt32 {
        let inside = UnsafeBufferPointer(rebasing: line[line.inside(value)])
        guard !inside.isEmpty else { return 0 }
        let hash = Self.hash(inside)
        if let known = lists[hash], known.text.elementsEqual(inside) { return known.place }
        guard index.accessLists.count < Self.maximumInterned, index.accesses.count < Self.maximumAccesses else {
            return FileIndex.unknown
        }
        let start = UInt32(index.accesses.count)
        var elements = MemberScanner(inside, 0..<inside.count)
        while let element = elements.nextElement() {
            guard access(inside, element) else { return FileIndex.unknown }
        }
        let place = UInt32(index.accessLists.count)
        index.accessLists.append(IndexedRange(start: start, end: UInt32(index.accesses.count)))
        lists[hash] = (Array(inside), place)
        return place
    }

    /// Returns false when there was no room for one of its names.
    private mutating func access(_ text: UnsafeBufferPointer<UInt8>, _ element: Range<Int>) -> Bool {
        var access = IndexedAccess(tag: 0, kind: 0, object: 0)
        var candidates = 0..<0
        var members = MemberScanner(text, text.inside(element))
        while let member = members.next() {
            if text.holds(member.name, "tag") {
                access.tag = intern(text, member.value)
            } else if text.holds(member.name, "kind") {
                access.kind = intern(text, member.value)
            } else if text.holds(member.name, "object") {
                access.object = intern(text, member.value)
            } else if text.holds(member.name, "candidates") {
                candidates = text.inside(member.value)
            }
        }
        var names = [access.object]
        var elements = MemberScanner(text, candidates)
        while let candidate = elements.nextElement() { names.append(intern(text, candidate)) }
        guard !names.contains(FileIndex.unknown), access.tag != FileIndex.unknown, access.kind != FileIndex.unknown
        else { return false }
        for name in names { index.accesses.append(IndexedAccess(tag: access.tag, kind: access.kind, object: name)) }
        return true
    }

    // MARK: Strings

    /// The place of a string value; `unknown` for what is too long or one too many.
    private mutating func intern(_ text: UnsafeBufferPointer<UInt8>, _ value: Range<Int>) -> UInt32 {
        let literal = UnsafeBufferPointer(rebasing: text[text.inside(value)])
        guard literal.count <= Self.maximumString else { return FileIndex.unknown }
        // Without a backslash the text between the quotes is the string itself.
        guard literal.contains(UInt8(ascii: "\\")) else { return intern(literal) }
        guard let string = try? JSONParser.parse(text[value], limits: .init(bytes: Self.maximumString + 2, depth: 1)),
            let utf8 = string.stringValue.map({ Array($0.utf8) })
        else { return FileIndex.unknown }
        return utf8.withUnsafeBufferPointer { intern($0) }
    }

    private mutating func intern(_ utf8: UnsafeBufferPointer<UInt8>) -> UInt32 {
        guard !utf8.isEmpty else { return 0 }
        let hash = Self.hash(utf8)
        if let place = strings[hash], index.strings[Int(place)].utf8.elementsEqual(utf8) { return place }
        guard index.strings.count < Self.maximumInterned else { return FileIndex.unknown }
        let place = UInt32(index.strings.count)
        index.strings.append(String(decoding: utf8, as: UTF8.self))
        strings[hash] = place
        return place
    }

    /// With a seed of this process: nobody can choose texts that share it.
    private static func hash(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
        var hasher = Hasher()
        hasher.combine(bytes: UnsafeRawBufferPointer(bytes))
        return hasher.finalize()
    }
}
