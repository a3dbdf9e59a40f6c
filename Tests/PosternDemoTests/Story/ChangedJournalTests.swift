import PosternDemo
import PosternJournal
import Testing

struct ChangedJournalTests {
    @Test func `a journal without a run's session is not changed`() throws {
        try withFolder { folder in
            try Files.makeFolder(folder.file("journal"))
            try Files.writePrivate("no record\n", to: folder.file("journal/loop-0-000001.jsonl"))
            #expect(throws: DemoError.self) {
                try ChangedJournal(of: folder.file("journal"), in: folder.file("copy"))
            }
        }
    }

    @Test func `one byte of the last session's start is another, and keys are not copied`() throws {
        try withFolder { folder in
            let hash = String(repeating: "a", count: 64)
            func line(_ seq: Int, _ event: String) -> String {
                #"{"v":1,"chain":"a3d946d530d627097b894c0f5420fd38","seq":\#(seq),"#
                    + #""time":"2026-12-01T00:50:51.381369Z","event":"\#(event)","run":{"id":"4719"},"#
                    + #""prev":"\#(hash)","hash":"\#(hash)"}"# + "\n"
            }
            let text = line(0, "session.start") + line(1, "session.start") + line(2, "session.end")
            try Files.makeFolder(folder.file("journal"))
            try Files.writePrivate(text, to: folder.file("journal/loop-0-000001.jsonl"))
            try Files.writePrivate("secret", to: folder.file("journal/signing.key"))
            let changed = try ChangedJournal(of: folder.file("journal"), in: folder.file("copy"))
            #expect(changed.file == "loop-0-000001.jsonl" && changed.line == 2 && changed.seq == 1)
            #expect(changed.run == ("4719", "4718"))
            #expect(Files.names(in: folder.file("copy")) == ["loop-0-000001.jsonl"])
            let copied = try #require(Files.read(folder.file("copy/loop-0-000001.jsonl")))
            let different = zip(copied, text.utf8).count { $0 != $1 }
            #expect(copied.count == text.utf8.count && different == 1)
        }
    }
}
