internal import ArgumentParser
internal import Glibc
internal import PosternFuzz

struct FuzzError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

@main
struct FuzzCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "postern-fuzz",
        abstract: "Feeds a reader with texts that are nearly what it expects, and keeps those that it fails on.",
        discussion: """
            Targets are sql, token, bearer, keys, discovery and kept. A text is wrong when the reader crashes or hangs, or when \
            something does not hold that must hold for every text.

            Example: postern-fuzz --target token --count 1000000 --seed 2
            """
    )

    @Option(help: "What is fed.")
    var target = FuzzTarget.sql

    @Option(help: "Inputs to try.")
    var count = 200_000

    @Option(help: "Seconds after which to stop.")
    var seconds = 60

    @Option(help: "Another seed makes other inputs.")
    var seed: UInt64 = 1

    @Option(help: "Where inputs are kept that fail.")
    var folder = ".cache/fuzz"

    @Option(parsing: .singleValue, help: "A folder with texts to begin with; may be repeated.")
    var corpus = ["Fuzz/corpus"]

    @Option(help: "Only this file, in this process.")
    var replay: String?

    @Flag(help: .hidden)
    var child = false

    @Option(help: .hidden)
    var first = 0

    var progressPath: String { "\(folder)/progress-\(target.rawValue)" }

    func run() throws {
        FuzzKeys.load(corpus)
        if let replay { return try judge(Corpus.contents(replay), "`\(replay)`") }
        let texts = Corpus.read(corpus, for: target)
        guard !texts.isEmpty else { throw FuzzError("there is no text in \(corpus.joined(separator: ", "))") }
        let mutator = Mutator(corpus: texts, vocabulary: target.vocabulary, seed: seed)
        if child { return try work(mutator) }
        Self.makeFolder(folder)
        let (tried, failed) = try Supervisor(options: self, mutator: mutator).run()
        print(
            "\(target.rawValue): \(tried) inputs from \(texts.count) texts, seed \(seed): "
                + (failed == 0 ? "all well" : "\(failed) failed")
        )
        if failed > 0 { throw ExitCode.failure }
    }

    /// Makes a folder and the ones above it.
    private static func makeFolder(_ path: String) {
        var end = path.startIndex
        while end < path.endIndex {
            end = path[path.index(after: end)...].firstIndex(of: "/") ?? path.endIndex
            mkdir(String(path[..<end]), 0o700)
        }
    }

    private func judge(_ text: [UInt8], _ name: String) throws {
        let fault = Box()
        guard LargeStack.run({ fault.text = target.fault(of: text) }) else { throw FuzzError("no room for a thread") }
        if let text = fault.text { throw FuzzError("\(name): \(text)") }
    }

    private func work(_ mutator: Mutator) throws {
        guard let progress = Progress(path: progressPath) else { throw FuzzError("cannot write `\(progressPath)`") }
        let fault = Box()
        let ran = LargeStack.run {
            for number in first..<max(first, count) {
                progress.number = number
                fault.text = target.fault(of: mutator.input(number))
                if fault.text != nil { return }
            }
            progress.number = count
        }
        guard ran else { throw FuzzError("no room for a thread") }
        if let text = fault.text { throw FuzzError(text) }
    }

    /// What a thread brings back to the one that waits for it.
    private final class Box {
        var text: String?
    }
}

extension FuzzTarget: ExpressibleByArgument {}
