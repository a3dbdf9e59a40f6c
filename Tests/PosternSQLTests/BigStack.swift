import Foundation
import PosternSQL
import Synchronization

/// Runs a body on a thread with the stack that `SQLAnalyzer` asks for, and waits for it.
func onBigStack<Result: Sendable>(_ body: @escaping @Sendable () -> Result) -> Result? {
    let box = ResultBox<Result>()
    let done = DispatchSemaphore(value: 0)
    let thread = Thread {
        let result = body()
        box.result.withLock { $0 = result }
        done.signal()
    }
    thread.stackSize = SQLAnalyzer.stackSize
    thread.start()
    done.wait()
    return box.result.withLock { $0 }
}

private final class ResultBox<Value: Sendable>: Sendable {
    let result = Mutex<Value?>(nil)
}
