/// What was found out about one chain, and what its checkpoints say about itself and others.
struct ChainResult {
    var report: ChainReport
    let verifier: ChainVerifier
}

/// Each chain's checkpoints say where the others stood: a chain that was cut or left out alone is found by that.
enum HeadComparison {
    static func compare(_ results: inout [ChainResult], _ report: inout JournalReport) {
        let places = Dictionary(results.indices.map { (results[$0].report.name, $0) }, uniquingKeysWith: { $1 })
        for source in results.indices {
            for (name, positions) in results[source].verifier.claims.sorted(by: { $0.key < $1.key }) {
                let target = places[name]
                let broken = positions.filter { position, _ in
                    guard let target else { return true }
                    return !holds(position, in: results[target])
                }
                guard let (first, location) = broken.min(by: { $0.key.seq < $1.key.seq }) else { continue }
                let text =
                    target == nil
                    ? "the chain `\(name)` is not there: it stood at record \(first.seq) when this was signed"
                    : "`\(name)` has lost its checkpoint \(first.seq), at which it stood when this was signed"
                let problem = JournalProblem(.heads, at: location, text)
                if let target { results[target].report.note(problem) } else { report.problems.append(problem) }
            }
        }
        findTwins(&results)
    }

    private static func holds(_ position: RecordPosition, in result: ChainResult) -> Bool {
        guard result.report.chain == position.chain else { return false }
        return result.verifier.checkpoints[position.seq] == position.hash || result.verifier.isRemoved(position)
    }

    private static func findTwins(_ results: inout [ChainResult]) {
        var owners: [ChainID: String] = [:]
        for index in results.indices {
            guard let chain = results[index].report.chain else { continue }
            let name = results[index].report.name
            guard let owner = owners.updateValue(name, forKey: chain) else { continue }
            let location = JournalLocation(file: JournalFiles.stateFile(of: name))
            results[index].report.note(
                JournalProblem(.duplicate, at: location, "`\(name)` has the same chain id as `\(owner)`")
            )
        }
    }
}
