import PosternSQL
import Testing

@Suite("Command tags")
struct CommandTagTests {
    @Test func `what hides its doings is allowed by its own name only`() {
        for tag in [CommandTag.do, .call, .load, .alterSystem, .copyProgram, .createFunction, .setRole] {
            #expect(tag.isOnlyByName, "\(tag.rawValue)")
        }
        #expect(!CommandTag.createTable.isOnlyByName)
    }

    @Test func `locking and emptying are writes`() {
        for tag in [CommandTag.selectForUpdate, .lockTable, .truncateTable] {
            #expect(tag.statementClass == .write, "\(tag.rawValue)")
        }
    }
}
