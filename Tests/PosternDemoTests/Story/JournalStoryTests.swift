import PosternDemo
import Testing

struct JournalStoryTests {
    @Test func `records of several files come in the order of their time, without the chain's mechanics`() throws {
        try withFolder { folder in
            let first = """
                {"v":1,"seq":0,"time":"2026-11-21T10:00:00.000000Z","event":"chain.start","prev":"0","hash":"1"}
                {"v":1,"seq":1,"time":"2026-11-21T10:00:03.250000Z","event":"session.end","session":"s1","reason":"done"}
                {"v":1,"seq":2,"time":"2026-11-21T10:00:0
                """
            let second = """
                {"v":1,"time":"2026-11-21T10:00:01.500000Z","event":"session.start","session":"s1","identity":{"sub":"x"}}

                """
            try Files.writePrivate(first, to: folder.file("a-000001.jsonl"))
            try Files.writePrivate(second, to: folder.file("b-000001.jsonl"))
            try Files.writePrivate("closed", to: folder.file("a.state"))
            let journal = JournalStory(folder: folder.path)
            #expect(
                journal.entries.map(\.headline) == ["10:00:01.500  session.start  s1", "10:00:03.250  session.end  s1"]
            )
            #expect(journal.entries.map(\.fields) == ["identity={sub=x}", "reason=done"])
            #expect(journal.count("session.end") == 1)
        }
    }

    @Test func `a refusal is found by the session id that the job was told`() throws {
        try withFolder { folder in
            let line = """
                {"time":"2026-11-21T10:00:00.000000Z","event":"session.refused","session":"abc","stage":"token",\
                "reason":"expired","client":{"address":"127.0.0.1"}}

                """
            try Files.writePrivate(line, to: folder.file("a-000001.jsonl"))
            let journal = JournalStory(folder: folder.path)
            #expect(journal.refusal(namedIn: "FATAL: no (session abc)") == "stage=token  reason=expired")
            #expect(journal.refusal(namedIn: "FATAL: no (session xyz)") == nil)
        }
    }
}
