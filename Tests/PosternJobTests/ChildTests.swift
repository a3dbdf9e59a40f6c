import PosternCore
import PosternJob
import Testing

struct ChildTests {
    private static func endpoints(folder: String? = "/tmp/p", port: UInt16? = 4321) -> LocalEndpoints {
        LocalEndpoints(
            folder: folder,
            port: port,
            number: port ?? 5432,
            password: Redacted("secret"),
            user: "app",
            database: "my db"
        )
    }

    private static func entries(_ text: String...) -> [[UInt8]] { text.map { Array($0.utf8) } }

    @Test func `both addresses: the socket for libpq, the port in the URL`() throws {
        let child = ChildEnvironment(removing: ["POSTERN_ID_TOKEN"], templates: [])
        let inherited = Self.entries(
            "PATH=/bin",
            "POSTERN_ID_TOKEN=x",
            "PGHOST=old",
            "PGSSLROOTCERT=system",
            "POSTERN_ROLE=r"
        )
        let made = try child.entries(inherited: inherited + [[88, 61, 255]], endpoints: Self.endpoints())
        #expect(
            made == Self.entries("PATH=/bin", "POSTERN_ROLE=r") + [[88, 61, 255]]
                + Self.entries(
                    "PGHOST=/tmp/p",
                    "PGPORT=4321",
                    "PGUSER=app",
                    "PGDATABASE=my db",
                    "PGSSLMODE=disable",
                    "PGPASSWORD=secret",
                    "DATABASE_URL=postgresql://app:secret@127.0.0.1:4321/my%20db?sslmode=disable"
                )
        )
    }

    @Test func `the socket alone has no password`() throws {
        let child = ChildEnvironment(removing: [], templates: [])
        let made = try child.entries(inherited: Self.entries("PGPASSWORD=old"), endpoints: Self.endpoints(port: nil))
        #expect(!made.contains { $0.starts(with: "PGPASSWORD".utf8) })
        #expect(made.contains(Array("DATABASE_URL=postgresql://app@%2Ftmp%2Fp:5432/my%20db?sslmode=disable".utf8)))
    }

    @Test func `the port alone is libpq's as well`() throws {
        let made = try ChildEnvironment(removing: [], templates: []).variables(for: Self.endpoints(folder: nil))
        #expect(made.first { $0.name == "PGHOST" }?.value == Redacted("127.0.0.1"))
    }

    @Test(
        arguments: [
            ("A=x", "x"), ("A=", ""), ("A={host}:{port}", "127.0.0.1:4321"), ("A={{{user}}}", "{app}"),
            ("A={socket_folder}", "/tmp/p"), ("A=a}}b{{", "a}b{"), ("A={database}={password}", "my db=secret"),
            ("A={jdbc_url}", "jdbc:postgresql://127.0.0.1:4321/my%20db?user=app&password=secret&sslmode=disable"),
        ]
    )
    func `templates are filled in`(_ text: String, _ value: String) throws {
        #expect(try EnvironmentTemplate(text).value(with: Self.endpoints()) == Redacted(value))
    }

    @Test(arguments: ["A", "=x", "A B=x", "A={", "A={}", "A={nothing}", "A={host"])
    func `what is no template is refused`(_ text: String) {
        #expect(throws: JobTrouble.self) { try EnvironmentTemplate(text) }
    }

    @Test func `a template takes the place of a variable that is set`() throws {
        let child = ChildEnvironment(removing: [], templates: [try EnvironmentTemplate("DATABASE_URL={user}")])
        let made = try child.variables(for: Self.endpoints())
        #expect(made.filter { $0.name == "DATABASE_URL" }.map(\.value) == [Redacted("app")])
    }

    // MARK: The report

    private static let receipt = #"""
        {"v":1,"gateway":"g","session":"s1","role":"app","database":"app","statements":{"read":2,"write":0,"ddl":1},
        "outcomes":{"ok":2,"error":1},"transactions":{"commit":1,"rollback":2},"rows":5,"denied":1,
        "denials":[{"statement":1,"tag":"DROP TABLE","object":"public.a\n::error::","rule":"no-drop"}],
        "objects":[{"object":"public.a|b","classes":["read","write"]}],"objects_left_out":3}
        """#

    @Test func `a run's report adds its receipts up`() {
        var tally = RunTally(keepsReceipts: true)
        tally.add(Array(Self.receipt.utf8))
        tally.add(Array(Self.receipt.utf8))
        tally.add(nil)
        let lines = RunReport(tally).lines
        #expect(
            lines[0] == "3 sessions as app on app: 6 statements (4 read, 2 ddl), 10 rows, 2 committed, 4 rolled back, "
                + "2 errors, 2 denied"
        )
        #expect(lines[1] == #"denied: DROP TABLE on public.a\n::error::, rule no-drop (session s1)"#)
        #expect(lines.contains("touched: public.a|b (read, write) and 6 more"))
        #expect(lines.last == "1 session ended without a receipt; the journal has what it did")
        #expect(lines.allSatisfy { !$0.contains("\n") })
        #expect(tally.file == Array("\(Self.receipt)\n\(Self.receipt)\n".utf8))
        tally.add(nil, isSettled: false)
        #expect(
            RunReport(tally).lines.suffix(2) == [
                "2 sessions ended without a receipt; the journal has what it did",
                "1 session ended in the middle of a statement, which may still take effect",
            ]
        )
    }

    @Test func `a run of any length takes a bounded room`() {
        var tally = RunTally(keepsReceipts: true)
        let size = 1 << 20
        for index in 0..<2000 {
            let objects = #"[{"object":"public.t\#(index)","classes":["read"]}]"#
            var receipt =
                #"{"v":1,"session":"s\#(index)","role":"r","database":"d\#(index)","rows":1,"objects":\#(objects)}"#
            if index < 20 { receipt += String(repeating: " ", count: size - receipt.utf8.count) }
            tally.add(Array(receipt.utf8))
        }
        #expect(tally.file.count <= RunTally.byteLimit && tally.unkept > 4 && tally.missing == 20)
        #expect(tally.sessions == 2000)
        let lines = RunReport(tally).lines
        #expect(lines[0].contains("1980 rows") && lines[1].hasSuffix(" and 1970 more"))

        var sums = RunTally(keepsReceipts: false)
        sums.add(Array(Self.receipt.utf8))
        #expect(sums.file.isEmpty && sums.unkept == 0 && sums.sessions == 1)
    }

    @Test func `names are no markup on a summary page`() {
        var tally = RunTally(keepsReceipts: true)
        tally.add(Array(Self.receipt.utf8))
        let page = RunReport(tally).markdown
        #expect(page.contains("| public.a&#124;b | read, write |"))
        #expect(!page.contains("::error"))
        #expect(RunReport(RunTally(keepsReceipts: false)).markdown.isEmpty)
    }
}
