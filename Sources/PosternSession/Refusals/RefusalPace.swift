package import PosternCore

/// When a job hears that its token was refused, or that it may not be what it asks for.
///
/// A token that is no token is found out in microseconds, one with a stranger's signature in some hundred, and one that
/// names another role after both. Who is refused learns nothing from the text, so it must not from the time either: all
/// of them are answered at a multiple of one step after the token came. The exception is the first token with an unknown
/// key in half a minute, which waits until the issuer has been asked.
package enum RefusalPace {
    /// A check takes a hundredth of it; on a machine so busy that it takes longer, the next multiple hides how long.
    package static let step = Duration.milliseconds(20)

    /// How long the answer waits still.
    ///
    /// - Parameter began: when the token came.
    package static func wait(since began: MonotonicTime, now: MonotonicTime) -> Duration {
        let taken = now.since(began).inMicroseconds
        let step = step.inMicroseconds
        return .microseconds(step - taken % step)
    }
}
