package import PosternCore

/// Decides whether a login that failed is tried again.
package struct LoginRetry: Sendable {
    package enum Choice: Equatable, Sendable {
        /// At once, with a token that nobody has used.
        case fresh
        /// After a pause.
        case later(Duration)
        case giveUp
    }

    /// A gateway that is not there yet is asked again after this.
    private static let pause = Duration.milliseconds(250)
    /// A gateway that has just begun may not have its issuers' keys yet, and refuses every token until then.
    private static let refusalGrace = Duration.seconds(3)

    private let deadline: MonotonicTime?
    private var mayRefresh = true
    private var firstRefusal: MonotonicTime?

    /// - Parameter deadline: until when what may pass is waited for; nil: not at all.
    package init(until deadline: MonotonicTime?) {
        self.deadline = deadline
    }

    /// What is to be done after a failure.
    ///
    /// - Parameter tokenIsLast: another token would not be granted more.
    package mutating func after(_ failure: LinkFailure, tokenIsLast: Bool, now: MonotonicTime) -> Choice {
        // A role may take each token once only: a fresh one is worth one more try.
        if failure.isAboutToken, !tokenIsLast, mayRefresh {
            mayRefresh = false
            return .fresh
        }
        guard let deadline, now.advanced(by: Self.pause) < deadline else { return .giveUp }
        if failure.isAboutToken {
            let first = firstRefusal ?? now
            firstRefusal = first
            return now.since(first) < Self.refusalGrace ? .later(Self.pause) : .giveUp
        }
        return failure.mayPass ? .later(Self.pause) : .giveUp
    }
}
