package import PosternCore

/// What was counted before and after a command, and what follows from it.
package struct GuardFindings: Sendable {
    /// The gateway's bound of a note.
    private static let noteLimit = 4096

    package let tables: [GuardClaim.Table]
    package let maxLoss: MaxLoss
    /// The command's own exit code.
    package let exit: Int32

    /// - Parameter isSettled: whether nothing of the command can still take effect. What is not lost now may be lost in a
    ///   moment otherwise: then such counts are of no worth.
    package init(
        _ options: GuardOptions,
        before: [GuardCount],
        after: [GuardCount],
        exit: Int32,
        isSettled: Bool = true
    ) {
        tables = options.tables.enumerated().map { index, name in
            let before = index < before.count ? before[index] : .unknown
            let after = index < after.count ? after[index] : .unknown
            let isLoss = GuardVerdict(before: before, after: after, maxLoss: options.maxLoss).isLoss
            return GuardClaim.Table(name: name, before: before, after: isSettled || isLoss ? after : .unknown)
        }
        maxLoss = options.maxLoss
        self.exit = exit
    }

    package func verdict(of table: GuardClaim.Table) -> GuardVerdict {
        GuardVerdict(before: table.before, after: table.after, maxLoss: maxLoss)
    }

    package var outcome: GuardClaim.Outcome { GuardClaim.Outcome(tables.map(verdict)) }

    /// The claims for the journal, as few as hold all tables.
    package var claims: [GuardClaim] {
        var groups: [[GuardClaim.Table]] = []
        var size = 0
        for table in tables {
            // With the largest numbers of parts: the frame is no larger when they are known.
            let alone = claim([table], part: GuardOptions.tableLimit, of: GuardOptions.tableLimit).note.text.utf8.count
            let row = alone - frame + 1
            if groups.isEmpty || size + row > Self.noteLimit {
                groups.append([])
                size = frame
            }
            groups[groups.count - 1].append(table)
            size += row
        }
        return groups.enumerated().map { claim($0.element, part: $0.offset + 1, of: groups.count) }
    }

    private var frame: Int {
        claim([], part: GuardOptions.tableLimit, of: GuardOptions.tableLimit).note.text.utf8.count
    }

    private func claim(_ tables: [GuardClaim.Table], part: Int, of parts: Int) -> GuardClaim {
        GuardClaim(outcome: outcome, maxLoss: maxLoss, exit: exit, part: part, parts: parts, tables: tables)
    }
}
