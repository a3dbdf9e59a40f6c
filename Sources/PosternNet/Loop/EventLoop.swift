internal import CPosternLinux
internal import Dispatch
internal import Glibc
package import PosternCore

/// What a loop tells about a descriptor or a timer.
///
/// Handlers belong to their loop: they are not `Sendable`, and the compiler keeps them there.
package protocol EventHandler: AnyObject {
    /// The descriptor that was registered under `tag` is ready. Level-triggered: what is not taken comes again.
    func ready(_ readiness: Readiness, tag: UInt8, on loop: isolated EventLoop)

    /// The timer that was set last for the registration of this tag is due.
    func timerFired(tag: UInt8, on loop: isolated EventLoop)
}

/// What is told when a turn's events are all handled: work that is cheaper done once for all of them.
package protocol TurnHandler: AnyObject {
    func turnEnded(on loop: isolated EventLoop)
}

/// One epoll set, one timer wheel and everything registered with them, on one thread for life.
///
/// The loop is a block that never returns, on a serial queue of its own; nobody may dispatch to that queue. Other
/// threads reach the loop by `await`ing its methods (tens of microseconds: for a login, never for a message).
package actor EventLoop {
    private struct Slot {
        var handler: (any EventHandler)?
        var generation: UInt32 = 0
        var tag: UInt8 = 0
        var descriptor: Int32 = -1
        var interest: Readiness = []
        var timerSerial: UInt32 = 0
    }

    private nonisolated let executor: LoopExecutor
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    package nonisolated let name: String
    private nonisolated let queue: DispatchQueue

    private let poller: Poller
    private var slots: [Slot] = []
    private var freeSlots: [UInt32] = []
    private var timers: TimerWheel
    private var dueTimers: [TimerWheel.Entry] = []
    private var turnHandlers: [any TurnHandler] = []
    private var isStopped = false

    /// The time when the current batch of events was taken.
    package private(set) var now: MonotonicTime

    /// What the gateway keeps for this loop: buffers, counters, journal.
    package var attachment: AnyObject?

    /// - Throws: `SystemError` when the kernel gives no epoll set or eventfd.
    package init(name: String) throws {
        self.name = name
        executor = try LoopExecutor()
        queue = DispatchQueue(label: name)
        poller = try Poller()
        now = .now
        timers = TimerWheel(now: .now)
        try poller.add(executor.wakeupDescriptor, .read, word: .max)
    }

    /// Starts the loop's thread. Call it once.
    package nonisolated func start() {
        queue.async { self.run() }
    }

    /// Ends the loop after the current turn; for tests and for the process's end.
    package func stop() {
        isStopped = true
    }

    private nonisolated func run() {
        executor.claim()
        var running = true
        while running {
            let woken = assumeIsolated { $0.turn() }
            if woken {
                executor.runPending()
                assumeIsolated { $0.endTurn() }
            }
            running = assumeIsolated { !$0.isStopped }
        }
        assumeIsolated { $0.slots.removeAll() }
    }

    /// Takes one batch of events and the timers that are due.
    ///
    /// - Returns: whether the mailbox has jobs.
    private func turn() -> Bool {
        let count = poller.wait(milliseconds: timers.millisecondsToNext(from: .now))
        now = .now
        var woken = false
        for index in 0..<count {
            let (word, readiness) = poller.event(at: index)
            guard word != .max else {
                woken = true
                continue
            }
            let registration = Registration(word: word)
            let slot = slots[Int(registration.slot)]
            guard slot.generation == registration.generation, let handler = slot.handler else { continue }
            handler.ready(readiness, tag: slot.tag, on: self)
        }
        // Before the timers: what a limit ends has gone where it was to go.
        endTurn()
        timers.advance(to: now, into: &dueTimers)
        if !dueTimers.isEmpty {
            fireTimers()
            endTurn()
        }
        return woken
    }

    /// Tells the handler once, when the turn at hand ends.
    package func atTurnEnd(_ handler: any TurnHandler) {
        turnHandlers.append(handler)
    }

    private func endTurn() {
        // What is done at the end of a turn may ask for more of it.
        while let handler = turnHandlers.popLast() { handler.turnEnded(on: self) }
    }

    private func fireTimers() {
        let due = dueTimers
        dueTimers.removeAll(keepingCapacity: true)
        for entry in due {
            let slot = slots[Int(entry.registration.slot)]
            guard slot.generation == entry.registration.generation, slot.timerSerial == entry.serial,
                let handler = slot.handler
            else { continue }
            handler.timerFired(tag: slot.tag, on: self)
        }
    }

    // MARK: Registrations

    /// Adds a place for a handler, at first without a descriptor: for its timers, and to be found by others.
    package func register(_ handler: any EventHandler, tag: UInt8 = 0) -> Registration {
        let index: UInt32
        if let free = freeSlots.popLast() {
            index = free
        } else {
            index = UInt32(slots.count)
            slots.append(Slot())
        }
        slots[Int(index)].handler = handler
        slots[Int(index)].tag = tag
        return Registration(slot: index, generation: slots[Int(index)].generation)
    }

    /// Watches a descriptor. The handler owns the descriptor and calls `unwatch` before it closes it.
    ///
    /// - Parameter exclusive: several loops watch the same listener and one of them shall wake.
    package func watch(
        _ descriptor: Int32,
        for interest: Readiness,
        as registration: Registration,
        exclusive: Bool = false
    ) throws {
        try poller.add(descriptor, interest, exclusive: exclusive, word: registration.word)
        slots[Int(registration.slot)].descriptor = descriptor
        slots[Int(registration.slot)].interest = interest
    }

    /// Changes what a descriptor is watched for; nothing when it is that already.
    package func setInterest(_ interest: Readiness, for registration: Registration) {
        let index = Int(registration.slot)
        guard slots[index].generation == registration.generation, slots[index].descriptor >= 0,
            slots[index].interest != interest
        else { return }
        slots[index].interest = interest
        // The set refuses only descriptors that it does not hold, and this one is in it.
        try? poller.modify(slots[index].descriptor, interest, word: registration.word)
    }

    /// Stops watching the descriptor and keeps the place.
    package func unwatch(_ registration: Registration) {
        let index = Int(registration.slot)
        guard slots[index].generation == registration.generation, slots[index].descriptor >= 0 else { return }
        poller.remove(slots[index].descriptor)
        slots[index].descriptor = -1
        slots[index].interest = []
    }

    /// Whether a descriptor is watched under this registration.
    package func isWatching(_ registration: Registration) -> Bool {
        let index = Int(registration.slot)
        return slots[index].generation == registration.generation && slots[index].descriptor >= 0
    }

    /// Gives the place back: events and timers under this registration are void from now on.
    package func unregister(_ registration: Registration) {
        let index = Int(registration.slot)
        guard slots[index].generation == registration.generation else { return }
        unwatch(registration)
        slots[index].handler = nil
        slots[index].generation &+= 1
        slots[index].timerSerial &+= 1
        freeSlots.append(registration.slot)
    }

    /// The handler of a registration, nil when it is gone.
    package func handler(of registration: Registration) -> (any EventHandler)? {
        let index = Int(registration.slot)
        guard index < slots.count, slots[index].generation == registration.generation else { return nil }
        return slots[index].handler
    }

    /// Calls `body` with every handler of this type.
    package func forEachHandler<Handler: EventHandler>(_ type: Handler.Type, _ body: (Handler) -> Void) {
        for slot in slots {
            if let handler = slot.handler as? Handler { body(handler) }
        }
    }

    // MARK: Timers

    /// Sets the handler's one timer, in place of the one before.
    package func setTimer(at deadline: MonotonicTime, for registration: Registration) {
        let index = Int(registration.slot)
        guard slots[index].generation == registration.generation else { return }
        slots[index].timerSerial &+= 1
        timers.add(registration, serial: slots[index].timerSerial, at: deadline)
    }

    // MARK: Work from elsewhere

    /// Runs `body` on the loop and returns what it returns.
    package func perform<Value: Sendable>(
        _ body: @Sendable (isolated EventLoop) throws -> Value
    ) rethrows -> Value {
        try body(self)
    }
}
