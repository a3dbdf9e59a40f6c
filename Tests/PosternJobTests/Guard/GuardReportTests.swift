import PosternCore
import PosternJob
import Testing

/// A guard's table in the log and on the summary page, and its one sentence.
struct GuardReportTests {
    private func report(_ tables: [(String, GuardCount, GuardCount)], maxLoss: String = "0%") throws -> GuardReport {
        let options = try GuardOptions(
            tables: [tables.map(\.0).joined(separator: ",")],
            maxLoss: maxLoss,
            timeout: nil
        )
        return GuardReport(GuardFindings(options, before: tables.map(\.1), after: tables.map(\.2), exit: 0))
    }

    @Test func `the table has a line for each table`() throws {
        let report = try report([
            ("public.users", .rows(1200), .rows(1200)), ("public.orders", .rows(3000), .rows(2999)),
            ("public.old", .rows(1), .missing), ("public.later", .missing, .rows(4)),
            ("public.grown", .rows(1), .rows(3)), ("public.nowhere", .missing, .missing),
            ("public.locked", .rows(7), .unknown),
        ])
        #expect(
            report.lines == [
                "guard: TABLE           BEFORE  AFTER     CHANGE  VERDICT",
                "guard: public.users      1200   1200          0  kept",
                "guard: public.orders     3000   2999  -1 (0.1%)  lost",
                "guard: public.old           1      -  -1 (100%)  vanished",
                "guard: public.later         -      4         +4  new",
                "guard: public.grown         1      3         +2  kept",
                "guard: public.nowhere       -      -             absent",
                "guard: public.locked        7      ?             unknown",
            ]
        )
        #expect(report.isLoss && !report.isSafe)
        #expect(
            report.trouble?.message
                == "data disappeared: `public.orders` lost 1 of 3000 rows (0.1%); `public.old` is gone with its 1 row; "
                + "`public.nowhere` was there neither before nor after: is the name right?; "
                + "`public.locked` could not be counted"
        )
    }

    @Test func `what is kept needs no sentence, and what is unknown is no success`() throws {
        let kept = try report([("a.b", .rows(10), .rows(9))], maxLoss: "10%")
        #expect(kept.isSafe && !kept.isLoss && kept.trouble == nil)
        let unknown = try report([("a.b", .rows(10), .unknown)])
        #expect(!unknown.isSafe && !unknown.isLoss)
        #expect(unknown.trouble?.message.hasPrefix("the guard cannot say that nothing disappeared") == true)
    }

    @Test func `the largest counts are no trouble`() throws {
        let report = try report([("a.b", .rows(.max), .rows(0))])
        #expect(report.lines[1].hasSuffix("-9223372036854775807 (100%)  lost"))
    }

    @Test func `markup in a name is none on the page`() throws {
        let report = try report([(#"public."a|b<img>`""#, .rows(1), .rows(1))])
        #expect(!report.markdown.contains("<img") && !report.markdown.contains("`") && report.markdown.contains("kept"))
        #expect(report.markdown.contains("| 1 | 1 | 0 | kept |"))
    }
}
