import Dispatch
import Glibc
import PosternCore
import PosternNet
import Synchronization
import Testing

/// Sends back what it reads, and says when the peer has ended.
private final class Echo: EventHandler {
    private let descriptor: Int32
    private let ended: AsyncStream<Int>.Continuation
    private var registration: Registration?
    private var count = 0

    init(_ descriptor: Int32, ended: AsyncStream<Int>.Continuation) {
        self.descriptor = descriptor
        self.ended = ended
    }

    func start(on loop: isolated EventLoop) throws {
        let registration = loop.register(self)
        self.registration = registration
        try loop.watch(descriptor, for: .reading, as: registration)
    }

    func ready(_ readiness: Readiness, tag: UInt8, on loop: isolated EventLoop) {
        withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 1) { room in
            switch Socket.receive(descriptor, into: room) {
            case .bytes(let received):
                count += received
                _ = Socket.send(descriptor, UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(room)[..<received]))
            case .wouldBlock: break
            case .ended, .failed:
                if let registration { loop.unregister(registration) }
                Socket.close(descriptor)
                ended.yield(count)
            }
        }
    }

    func timerFired(tag: UInt8, on loop: isolated EventLoop) {}
}

/// Notes the order in which its timers fire.
private final class Alarm: EventHandler {
    private let fired: AsyncStream<UInt8>.Continuation
    private(set) var registration: Registration?

    init(_ fired: AsyncStream<UInt8>.Continuation) { self.fired = fired }

    func arm(tag: UInt8, after delay: Duration, on loop: isolated EventLoop) -> Registration {
        let registration = loop.register(self, tag: tag)
        self.registration = registration
        loop.setTimer(at: loop.now.advanced(by: delay), for: registration)
        return registration
    }

    func ready(_ readiness: Readiness, tag: UInt8, on loop: isolated EventLoop) {}
    func timerFired(tag: UInt8, on loop: isolated EventLoop) { fired.yield(tag) }
}

private func socketPair() -> (Int32, Int32) {
    var ends: [Int32] = [0, 0]
    socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends)
    _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
    return (ends[0], ends[1])
}

struct EventLoopTests {
    @Test func `a handler hears of bytes and of the end`() async throws {
        let loop = try EventLoop(name: "test")
        loop.start()
        let (ours, theirs) = socketPair()
        let (ended, continuation) = AsyncStream<Int>.makeStream()
        try await loop.perform { loop in try Echo(ours, ended: continuation).start(on: loop) }
        for length in [1, 100, 4096] {
            let sent = (0..<length).map { UInt8(truncatingIfNeeded: $0) }
            #expect(write(theirs, sent, length) == length)
            var received: [UInt8] = []
            var room = [UInt8](repeating: 0, count: 4096)
            while received.count < length {
                let count = read(theirs, &room, room.count)
                guard count > 0 else { break }
                received += room[..<count]
            }
            #expect(received == sent)
        }
        close(theirs)
        var iterator = ended.makeAsyncIterator()
        #expect(await iterator.next() == 4197)
        await loop.stop()
    }

    @Test func `timers fire in the order of their deadlines and not before them`() async throws {
        let loop = try EventLoop(name: "test")
        loop.start()
        let (fired, continuation) = AsyncStream<UInt8>.makeStream()
        let began = MonotonicTime.now
        await loop.perform { loop in
            for (tag, delay) in [(UInt8(3), 300), (1, 100), (2, 200)] {
                _ = Alarm(continuation).arm(tag: tag, after: .milliseconds(delay), on: loop)
            }
        }
        var iterator = fired.makeAsyncIterator()
        #expect(await iterator.next() == 1)
        #expect(await iterator.next() == 2)
        #expect(await iterator.next() == 3)
        #expect(MonotonicTime.now.since(began) >= .milliseconds(300))
        await loop.stop()
    }

    @Test func `a timer that was set anew fires once`() async throws {
        let loop = try EventLoop(name: "test")
        loop.start()
        let (fired, continuation) = AsyncStream<UInt8>.makeStream()
        await loop.perform { loop in
            let registration = Alarm(continuation).arm(tag: 1, after: .milliseconds(60), on: loop)
            loop.setTimer(at: loop.now.advanced(by: .milliseconds(160)), for: registration)
            _ = Alarm(continuation).arm(tag: 2, after: .milliseconds(260), on: loop)
        }
        var iterator = fired.makeAsyncIterator()
        #expect(await iterator.next() == 1)
        #expect(await iterator.next() == 2)
        await loop.stop()
    }

    @Test func `a registration that was given back is void though its slot is used again`() async throws {
        let loop = try EventLoop(name: "test")
        loop.start()
        let (fired, continuation) = AsyncStream<UInt8>.makeStream()
        await loop.perform { loop in
            let old = Alarm(continuation).arm(tag: 1, after: .milliseconds(60), on: loop)
            loop.unregister(old)
            let new = Alarm(continuation).arm(tag: 2, after: .milliseconds(120), on: loop)
            #expect(new.slot == old.slot && new != old)
            #expect(loop.handler(of: old) == nil)
            #expect(loop.handler(of: new) != nil)
            loop.unregister(old)
            #expect(loop.handler(of: new) != nil)
        }
        var iterator = fired.makeAsyncIterator()
        #expect(await iterator.next() == 2)
        await loop.stop()
    }

    @Test func `work from many tasks runs on the loop's one thread`() async throws {
        let loop = try EventLoop(name: "test")
        loop.start()
        let threads = await withTaskGroup(of: UInt.self, returning: Set<UInt>.self) { group in
            for _ in 0..<200 { group.addTask { await loop.perform { _ in UInt(pthread_self()) } } }
            return await group.reduce(into: []) { $0.insert($1) }
        }
        #expect(threads.count == 1)
        await loop.stop()
    }

    @Test func `the pool bounds what waits and loses nothing that it took`() async throws {
        let pool = BlockingPool(label: "test", threads: 2, capacity: 8)
        let gate = DispatchGate()
        let done = Atomic<Int>(0)
        var accepted = 0
        for _ in 0..<20
        where pool.submit({
            gate.wait(); done.add(1, ordering: .relaxed)
        }) { accepted += 1 }
        #expect(accepted < 20)
        await #expect(throws: BlockingPool.Overloaded.self) { try await pool.run {} }
        gate.open()
        while done.load(ordering: .relaxed) < accepted { await Task.yield() }
        #expect(try await pool.run { 7 } == 7)
    }

    /// Dispatch gives its concurrent queues a thread for each core, and one more by the second: this would take minutes.
    @Test(.timeLimit(.minutes(1))) func `a pool whose threads all block holds up no other one`() async throws {
        let slow = BlockingPool(label: "slow", threads: 96)
        let other = BlockingPool(label: "other", threads: 2)
        let gate = DispatchSemaphore(value: 0)
        let blocked = Atomic<Int>(0)
        for _ in 0..<96 {
            #expect(
                slow.submit {
                    blocked.add(1, ordering: .relaxed); gate.wait()
                }
            )
        }
        while blocked.load(ordering: .relaxed) < 96 { await Task.yield() }
        // With the gate shut: only another thread can answer.
        #expect(try await other.run { 7 } == 7)
        for _ in 0..<96 { gate.signal() }
    }
}

/// Holds threads until it is opened.
private final class DispatchGate: Sendable {
    private let isOpen = Atomic<Bool>(false)

    func wait() { while !isOpen.load(ordering: .acquiring) { sched_yield() } }
    func open() { isOpen.store(true, ordering: .releasing) }
}
