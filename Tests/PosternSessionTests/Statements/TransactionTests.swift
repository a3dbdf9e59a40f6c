import PosternSession
import Testing

/// Transactions' numbers, and how each ended.
struct TransactionTests {
    /// A message of the job's and its whole answer.
    private typealias Turn = (job: [UInt8], server: [UInt8])

    private static func done(_ text: String, _ tag: String, _ status: Character) -> Turn {
        (query(text), complete(tag) + ready(status))
    }

    private static func wrong(_ text: String, _ status: Character) -> Turn {
        (query(text), failure("22012") + ready(status))
    }

    /// The transactions of the statements, and the ends, in order.
    private static func told(_ turns: [Turn], pipelined: Bool) -> [String] {
        var driver = Driver()
        if pipelined { driver.job(turns.flatMap(\.job)) }
        for turn in turns {
            if !pipelined { driver.job(turn.job) }
            driver.server(turn.server)
        }
        return driver.log.compactMap { line in
            if line.hasPrefix(".") { return line }
            guard line.hasPrefix("+") || line.hasPrefix("-") else { return nil }
            return line.split(separator: " ").first?.split(separator: "/").last.map(String.init)
        }
    }

    private static let cases: [(turns: [Turn], told: [String])] = [
        ([done("insert", "INSERT 0 1", "I"), wrong("insert", "I")], ["1", ".1 commit", "2", ".2 rollback"]),
        (
            [done("begin", "BEGIN", "T"), done("insert", "INSERT 0 1", "T"), done("commit", "COMMIT", "I")],
            ["1", "1", "1", ".1 commit"]
        ),
        (
            [done("begin", "BEGIN", "T"), done("rollback", "ROLLBACK", "I"), done("insert", "INSERT 0 1", "I")],
            ["1", "1", ".1 rollback", "2", ".2 commit"]
        ),
        // COMMIT of a failed transaction is answered with ROLLBACK.
        (
            [done("begin", "BEGIN", "T"), wrong("insert", "E"), done("commit", "ROLLBACK", "I")],
            ["1", "1", "1", ".1 rollback"]
        ),
        (
            [
                done("begin", "BEGIN", "T"), done("savepoint s", "SAVEPOINT", "T"), wrong("insert", "E"),
                done("rollback to s", "ROLLBACK", "T"), done("commit", "COMMIT", "I"),
            ],
            ["1", "1", "1", "1", "1", ".1 commit"]
        ),
        (
            [
                done("begin", "BEGIN", "T"), done("commit and chain", "COMMIT", "T"), done("insert", "INSERT 0 1", "T"),
                done("rollback and chain", "ROLLBACK", "T"), done("commit", "COMMIT", "I"),
            ],
            ["1", "1", ".1 commit", "2", "2", ".2 rollback", "3", ".3 commit"]
        ),
        (
            [
                done("begin", "BEGIN", "T"), done("stage", "PREPARE TRANSACTION", "I"),
                done("insert", "INSERT 0 1", "I"),
            ],
            ["1", "1", ".1 unknown", "2", ".2 commit"]
        ),
        (
            [
                (
                    query("insert; commit; insert"),
                    complete("INSERT 0 1") + complete("COMMIT") + complete("INSERT 0 1") + ready()
                )
            ],
            ["1", "1", "2", ".1 commit", ".2 commit"]
        ),
        (
            [
                (
                    query("begin; insert; commit; insert"),
                    complete("BEGIN") + complete("INSERT 0 1") + complete("COMMIT") + failure("22012") + ready()
                )
            ],
            ["1", "1", "1", "2", ".1 commit", ".2 rollback"]
        ),
    ]

    @Test(arguments: cases.indices)
    func `numbers and ends, in turns`(index: Int) {
        #expect(Self.told(Self.cases[index].turns, pipelined: false) == Self.cases[index].told)
    }

    @Test(arguments: cases.indices)
    func `numbers and ends are the same in a pipeline`(index: Int) {
        let told = Self.told(Self.cases[index].turns, pipelined: true)
        let expected = Self.cases[index].told
        #expect(told.filter { $0.hasPrefix(".") } == expected.filter { $0.hasPrefix(".") })
        #expect(told.filter { !$0.hasPrefix(".") } == expected.filter { !$0.hasPrefix(".") })
    }

    @Test func `a COMMIT that was not reached ends nothing`() {
        let told = Self.told(
            [
                Self.done("begin", "BEGIN", "T"), (query("insert; commit"), failure("22012") + ready("E")),
                Self.done("rollback", "ROLLBACK", "I"), Self.done("insert", "INSERT 0 1", "I"),
            ],
            pipelined: false
        )
        #expect(told == ["1", "1", "1", "1", ".1 rollback", "3", ".3 commit"])
    }

    @Test func `a block that was taken for over has one end`() {
        // Nobody could know that the first COMMIT would not be reached.
        let told = Self.told(
            [
                Self.done("begin", "BEGIN", "T"), (query("insert; commit"), failure("22012") + ready("E")),
                Self.done("rollback", "ROLLBACK", "I"),
            ],
            pipelined: true
        )
        #expect(told.filter { $0.hasPrefix(".") } == [".1 rollback"])
    }

    @Test func `a pipeline without BEGIN is one transaction up to its Sync`() {
        var driver = Driver()
        driver.job(extended("insert 1") + extended("insert 2") + sync + extended("insert 3") + sync)
        let answer = parsed + bound + noData + complete("INSERT 0 1")
        driver.server(answer + answer + ready() + answer + ready())
        #expect(
            driver.log.filter { !$0.hasPrefix("=") } == [
                "+1/1 insert 1", "+2/1 insert 2", "+3/2 insert 3", ".1 commit", ".2 commit",
            ]
        )
    }

    @Test func `what a suspended portal changed is committed by Sync`() {
        var driver = Driver()
        driver.job(parse("update returning") + bind() + execute(rows: 1) + sync)
        driver.server(parsed + bound + row() + suspended + ready())
        #expect(driver.log == ["+1/1 update returning", "=1 ok 1r", ".1 commit"])
    }

    @Test(arguments: [
        ([UInt8](), [".1 rollback"]), (query("commit"), [".1 unknown"]), (sync, [".1 unknown"]),
        (parse("commit") + bind() + execute(), [".1 unknown"]), (parse("select 2"), [".1 rollback"]),
    ])
    func `the session ends within a transaction`(sent: [UInt8], ends: [String]) {
        var driver = Driver()
        driver.job(query("begin"))
        driver.server(complete("BEGIN") + ready("T"))
        driver.job(sent)
        driver.forget()
        driver.end()
        #expect(driver.log.filter { $0.hasPrefix(".") } == ends)
    }

    @Test func `a statement that was not answered may have been committed`() {
        var driver = Driver()
        driver.job(query("insert 1"))
        driver.end()
        #expect(driver.log == ["+1/1 insert 1", "=1 unknown", ".1 unknown"])
    }

    @Test func `an idle session ends nothing`() {
        var driver = Driver()
        driver.job(query("insert 1"))
        driver.server(complete("INSERT 0 1") + ready())
        driver.forget()
        driver.end()
        #expect(driver.log.isEmpty)
    }
}
