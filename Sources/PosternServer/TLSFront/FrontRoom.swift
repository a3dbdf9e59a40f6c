/// Which connections a front has room for: one stranger must not keep the others out.
///
/// It decides alone: the listener closes what it says. All calls take time in the number of connections, which is small.
package struct FrontRoom: Sendable {
    package struct Limits: Hashable, Sendable {
        package var connections = 128
        /// From one address. nil where all clients have one: behind a proxy of the same machine.
        package var perSource: Int? = 32
        /// Of those, the ones that have not said yet what they want.
        package var waitingPerSource = 16

        package init(connections: Int = 128, perSource: Int? = 32, waitingPerSource: Int = 16) {
            self.connections = connections
            self.perSource = perSource
            self.waitingPerSource = waitingPerSource
        }
    }

    package enum Verdict: Hashable, Sendable {
        case admitted
        /// Admitted, and this one is to be closed: it has waited longest.
        case admittedInPlaceOf(UInt64)
        case refused
    }

    private struct Guest: Sendable {
        let source: [UInt8]
        var isWaiting = true
    }

    private let limits: Limits
    /// By numbers that grow: the smallest is the oldest.
    private var guests: [UInt64: Guest] = [:]

    package init(limits: Limits = Limits()) {
        self.limits = limits
    }

    package var count: Int { guests.count }

    /// - Parameters:
    ///   - id: greater than every one before.
    ///   - source: what limits per client count by.
    package mutating func admit(_ id: UInt64, source: [UInt8]) -> Verdict {
        var leaving: UInt64?
        if let perSource = limits.perSource {
            let own = guests.filter { $0.value.source == source }
            let waiting = own.filter(\.value.isWaiting)
            if waiting.count >= limits.waitingPerSource || own.count >= perSource {
                leaving = waiting.keys.min()
                guard leaving != nil else { return .refused }
            }
        }
        if leaving == nil, guests.count >= limits.connections {
            leaving = guests.filter(\.value.isWaiting).keys.min()
            guard leaving != nil else { return .refused }
        }
        if let leaving { guests[leaving] = nil }
        guests[id] = Guest(source: source)
        return leaving.map(Verdict.admittedInPlaceOf) ?? .admitted
    }

    /// The connection has delivered a whole request head.
    package mutating func spoke(_ id: UInt64) { guests[id]?.isWaiting = false }

    package mutating func leave(_ id: UInt64) { guests[id] = nil }
}
