import PosternCore
import PosternDemo
import PosternJournal
import Testing

struct JournalStoryTests {
    /// A journal of two chains whose records alternate in time.
    private func write(to folder: String) throws {
        let directory = try JournalDirectory(path: folder, signingKeyFile: nil)
        let syncer = JournalSyncer { _ in }
        func writer(_ name: String) throws -> JournalWriter {
            try JournalWriter(
                directory: directory,
                syncer: syncer,
                name: name,
                gateway: "gw",
                rotateSize: 1 << 20,
                now: Timestamp(seconds: 1000)
            )
        }
        let first = try writer("loop-0")
        let second = try writer("loop-1")
        let session = try #require(SessionID("abcdefghijklmnop"))
        let client = ClientRecord(address: "127.0.0.1:5", application: nil, tls: nil)
        let refused = SessionRefused(
            session: session,
            stage: "token",
            reason: "expired",
            role: "r",
            database: "d",
            client: client
        )
        try first.append(SessionCancel(session: session, source: "192.0.2.2"), now: Timestamp(seconds: 3000))
        try second.append(refused, now: Timestamp(seconds: 2000))
    }

    @Test func `records of all chains are counted`() throws {
        try withFolder { folder in
            try write(to: folder.path)
            let journal = JournalStory(folder: folder.path)
            #expect(journal.count("session.cancel") == 1)
            #expect(journal.count("session.refused") == 1)
            #expect(journal.count("session.end") == 0)
        }
    }

    @Test func `a refusal is found by the session id that the job was told`() throws {
        try withFolder { folder in
            try write(to: folder.path)
            let journal = JournalStory(folder: folder.path)
            #expect(journal.refusal(namedIn: "FATAL: no (session abcdefghijklmnop)") == "token: expired")
            #expect(journal.refusal(namedIn: "FATAL: no (session ponmlkjihgfedcba)") == nil)
        }
    }

    @Test func `a folder without a journal tells nothing`() throws {
        try withFolder { folder in #expect(JournalStory(folder: folder.path).count("session.start") == 0) }
    }
}
