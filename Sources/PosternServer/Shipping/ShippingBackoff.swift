/// How long to wait before the store is tried again: longer after each failure, and never the same for two gateways.
package struct ShippingBackoff: Sendable {
    package static let shortest = Duration.milliseconds(500)
    package static let longest = Duration.seconds(30)

    private var failures = 0

    package init() {}

    /// The store has taken something: the next failure is the first one.
    package mutating func succeeded() { failures = 0 }

    /// - Parameter chance: 0 to 1.
    /// - Returns: between half of the step and all of it.
    package mutating func pause(chance: Double) -> Duration {
        let doubled = Self.shortest * (1 << min(failures, 16))
        failures += 1
        return min(doubled, Self.longest) * (0.5 + min(max(chance, 0), 1) / 2)
    }
}
