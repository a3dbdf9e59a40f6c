internal import PosternCore
internal import PosternSQL

/// Facts as JSON: lists in the order in which they were gathered.
struct FactsWriter {
    private(set) var json = JSONWriter()

    mutating func write(_ text: [UInt8]) {
        json.beginObject()
        do throws(AnalysisError) {
            let statements = try SQLAnalyzer.analyze(text).statements
            list("statements", statements) { $0.statement($1) }
        } catch {
            json.name("error")
            json.string("\(error)")
        }
        json.endObject()
    }

    private mutating func statement(_ facts: StatementFacts) {
        json.beginObject()
        member("tag", facts.tag.rawValue)
        member("class", facts.statementClass.rawValue)
        list("accesses", facts.accesses) { $0.access($1) }
        list("settings", facts.settings) { $0.json.string("\($1.route) \($1.name)") }
        list("effects", facts.effects) { $0.json.string("\($1)") }
        json.endObject()
    }

    private mutating func access(_ access: Access) {
        json.beginObject()
        member("class", access.statementClass.rawValue)
        member("tag", access.tag.rawValue)
        if let object = access.object {
            member("kind", object.kind.rawValue)
            let name = object.name
            list("name", [name.catalog, name.schema, name.name].compactMap { $0 }) { $0.json.string($1.text) }
        }
        member("part", "\(access.part)")
        json.endObject()
    }

    private mutating func member(_ name: String, _ value: String) {
        json.name(name)
        json.string(value)
    }

    private mutating func list<Element>(
        _ name: String,
        _ elements: [Element],
        _ write: (inout FactsWriter, Element) -> Void
    ) {
        json.name(name)
        json.beginArray()
        for element in elements { write(&self, element) }
        json.endArray()
    }
}
