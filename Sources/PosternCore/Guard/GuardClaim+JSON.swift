/// The claim as JSON. There is one way to write it, and no other is read.
extension GuardClaim {
    private static let partLimit = 100

    /// The value of the member `guard.result`.
    package var json: JSONValue {
        .object([
            "verdict": .string(outcome.rawValue), "max_loss": .string(maxLoss.description),
            "exit": .number(JSONNumber(exit)), "part": .number(JSONNumber(part)), "parts": .number(JSONNumber(parts)),
            "tables": .array(
                tables.map { table in
                    .object([
                        "table": .string(table.name.description), "before": table.before.json,
                        "after": table.after.json, "verdict": .string(verdict(of: table).rawValue),
                    ])
                }
            ),
        ])
    }

    /// The whole note.
    package var note: JSONValue { .object([Self.member: json]) }

    /// Reads the member's value.
    ///
    /// - Returns: nil for any other shape, order or spelling, and for verdicts that do not follow from the counts.
    package init?(_ value: JSONValue) {
        guard let object = value.objectValue, let outcome = Self.word(object["verdict"], Outcome.self),
            let text = object["max_loss"]?.stringValue, let maxLoss = MaxLoss(text),
            let exit = Self.integer(object["exit"], in: 0...255),
            let parts = Self.integer(object["parts"], in: 1...Int64(Self.partLimit)),
            let part = Self.integer(object["part"], in: 1...parts), let elements = object["tables"]?.arrayValue,
            !elements.isEmpty
        else { return nil }
        var tables: [Table] = []
        for element in elements {
            guard let table = Table(element) else { return nil }
            tables.append(table)
        }
        self.init(
            outcome: outcome,
            maxLoss: maxLoss,
            exit: Int32(exit),
            part: Int(part),
            parts: Int(parts),
            tables: tables
        )
        // The tables of other parts are not here: theirs may be worse, not better.
        let own = Outcome(tables.map(verdict))
        let fits = parts == 1 ? outcome == own : outcome == own || outcome == .lost || own == .kept
        guard fits, json == value else { return nil }
    }

    private static func word<Word: RawRepresentable>(_ value: JSONValue?, _ type: Word.Type) -> Word?
    where Word.RawValue == String {
        value?.stringValue.flatMap(Word.init(rawValue:))
    }

    fileprivate static func integer(_ value: JSONValue?, in range: ClosedRange<Int64>) -> Int64? {
        value?.numberValue?.integer.flatMap { range.contains($0) ? $0 : nil }
    }
}

extension GuardClaim.Table {
    fileprivate init?(_ value: JSONValue) {
        guard let object = value.objectValue, let text = object["table"]?.stringValue,
            let before = GuardCount(object["before"]), let after = GuardCount(object["after"])
        else { return nil }
        do throws(TableName.Failure) {
            self.init(name: try TableName(text), before: before, after: after)
        } catch {
            return nil
        }
    }
}

extension GuardCount {
    fileprivate var json: JSONValue {
        switch self {
        case .rows(let rows): .number(JSONNumber(rows))
        case .missing: .string("missing")
        case .unknown: .string("unknown")
        }
    }

    fileprivate init?(_ value: JSONValue?) {
        switch value {
        case .string("missing"): self = .missing
        case .string("unknown"): self = .unknown
        default:
            guard let rows = GuardClaim.integer(value, in: 0...Int64.max) else { return nil }
            self = .rows(rows)
        }
    }
}
