import PosternJournal
import Testing

struct ShippedFilesTests {
    @Test func `without a store every file may go`() {
        #expect(ShippedFiles().mayRemove(chain: "loop-0", file: 1))
    }

    @Test func `with a store those stay that it still needs, and all of them until it has said`() {
        let files = ShippedFiles()
        files.require(true)
        #expect(!files.mayRemove(chain: "loop-0", file: 1))
        files.note(chain: "loop-0", needsFile: 3)
        #expect((1...4).map { files.mayRemove(chain: "loop-0", file: $0) } == [true, true, false, false])
        #expect(!files.mayRemove(chain: "loop-1", file: 1))
        // Another store: what the one before had says nothing of it.
        files.require(true)
        #expect(!files.mayRemove(chain: "loop-0", file: 2))
        files.require(false)
        files.note(chain: "loop-1", needsFile: 1)
        #expect(files.mayRemove(chain: "loop-1", file: 9))
    }
}
