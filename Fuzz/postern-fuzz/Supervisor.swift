internal import Glibc
internal import PosternFuzz
internal import PosternNet

/// Lets a child work through the inputs, keeps those that it dies of, and goes on behind them.
struct Supervisor {
    /// The largest inputs take a tenth of a second.
    private static let patience = Duration.seconds(20)

    let options: FuzzCommand
    let mutator: Mutator

    /// - Returns: how many inputs were tried, and how many have failed.
    func run() throws -> (tried: Int, failed: Int) {
        let deadline = ContinuousClock.now + .seconds(options.seconds)
        guard let progress = Progress(path: options.progressPath) else {
            throw FuzzError("cannot write `\(options.progressPath)`")
        }
        progress.number = 0
        var failed = 0
        while progress.number < options.count, ContinuousClock.now < deadline {
            let child = try ChildProcess(command(from: progress.number))
            guard let death = try watch(child, progress, deadline) else { continue }
            failed += 1
            report(progress.number, death)
            progress.number += 1
        }
        return (progress.number, failed)
    }

    private func command(from first: Int) -> ProcessCommand {
        ProcessCommand(
            "/proc/self/exe",
            [
                "--child", "--first", String(first), "--count", String(options.count), "--seed", String(options.seed),
                "--folder", options.folder, "--target", options.target.rawValue,
            ] + options.corpus.flatMap { ["--corpus", $0] },
            environment: ["PATH": "/usr/bin:/bin"]
        )
    }

    /// - Returns: what the child died of; nil when it is through, or the time is.
    private func watch(
        _ child: ChildProcess,
        _ progress: Progress,
        _ deadline: ContinuousClock.Instant
    ) throws -> String? {
        var (number, since) = (progress.number, ContinuousClock.now)
        while true {
            if let exit = try child.wait(atMost: .milliseconds(100)) { return exit.succeeded ? nil : exit.description }
            let now = ContinuousClock.now
            if now >= deadline {
                _ = try child.stop(with: SIGKILL, grace: .seconds(2))
                return nil
            }
            if progress.number != number { (number, since) = (progress.number, now) }
            if now - since > Self.patience {
                _ = try child.stop(with: SIGKILL, grace: .seconds(2))
                return "hung for \(Self.patience)"
            }
        }
    }

    private func report(_ number: Int, _ death: String) {
        let path = "\(options.folder)/\(options.seed)-\(number).\(options.target.rawValue)"
        let kept = Files.write(mutator.input(number), to: path)
        print("input \(number) of seed \(options.seed): \(death); \(kept ? "kept as" : "could not be kept as") \(path)")
    }
}

enum Files {
    static func write(_ bytes: [UInt8], to path: String) -> Bool {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return Glibc.write(descriptor, bytes, bytes.count) == bytes.count
    }
}
