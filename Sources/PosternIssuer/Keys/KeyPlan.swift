package import PosternCore

/// When keys come, sign and go.
///
/// The next key is published long before it signs anything, and the previous one for as long as a token of its lives.
/// Both times are also counted by the process itself, by how long it has published a key: a clock that jumps, or a
/// restart, makes nobody see a token whose key they cannot have.
package struct KeyPlan: Hashable, Sendable {
    /// Which keys there are, and since when each is what it is.
    package struct State: Hashable, Sendable {
        package struct Key: Hashable, Sendable {
            package let id: String
            package var since: Timestamp

            package init(id: String, since: Timestamp) {
                self.id = id
                self.since = since
            }
        }

        /// Signs.
        package var current: Key?
        /// Published, and signs nothing yet.
        package var next: Key?
        /// Published, and signs nothing any more.
        package var previous: Key?

        package init(current: Key? = nil, next: Key? = nil, previous: Key? = nil) {
            self.current = current
            self.next = next
            self.previous = previous
        }

        /// The published ones, the one that signs first.
        package var keys: [Key] { [current, next, previous].compactMap(\.self) }
    }

    package enum Step: Hashable, Sendable {
        /// A new key that signs at once: there is none.
        case makeCurrent
        /// A new key that is published only.
        case makeNext
        /// The next key signs from now on.
        case promote
        /// No token of the previous key lives any more.
        case dropPrevious
    }

    /// How long a key signs.
    private let rotateEvery: Duration
    /// How long others may keep the key set.
    private let maxAge: Duration
    /// How long a key is published after its last signature.
    private let keepPrevious: Duration

    /// The grace that a token has, and what clocks may differ.
    package static let margin = Duration.seconds(60 + 60)

    /// - Parameter lifetime: the most that a token lives.
    package init(rotateEvery: Duration, maxAge: Duration, lifetime: Duration) {
        self.rotateEvery = rotateEvery
        self.maxAge = maxAge
        keepPrevious = lifetime + Self.margin
    }

    /// What is to be done now; nil when nothing is. Ask again after each step.
    ///
    /// - Parameter published: for how long this process has published a key as what it now is.
    package func step(
        for state: State,
        now: Timestamp,
        published: (_ id: String) -> Duration
    ) -> Step? {
        guard let current = state.current else { return state.next == nil ? .makeCurrent : .promote }
        guard let next = state.next else { return .makeNext }
        let isPromotionDue = now >= current.since.advanced(by: rotateEvery) && published(next.id) >= maxAge
        // There is room for one previous key: while a token of it may live, the current one goes on.
        if isPromotionDue, state.previous == nil { return .promote }
        if let previous = state.previous, now >= previous.since.advanced(by: keepPrevious),
            published(previous.id) >= keepPrevious
        {
            return .dropPrevious
        }
        return nil
    }

    /// The state after a step.
    ///
    /// - Parameter new: the key that a `make` step made.
    package func state(after step: Step, of state: State, new: String?, now: Timestamp) -> State {
        var state = state
        switch step {
        case .makeCurrent: state.current = new.map { State.Key(id: $0, since: now) }
        case .makeNext: state.next = new.map { State.Key(id: $0, since: now) }
        case .promote:
            state.previous = state.current.map { State.Key(id: $0.id, since: now) }
            state.current = state.next.map { State.Key(id: $0.id, since: now) }
            state.next = nil
        case .dropPrevious: state.previous = nil
        }
        return state
    }

    /// What is dated in the future, since the clock was wrong then or is now, counts from now on.
    package func corrected(_ state: State, now: Timestamp) -> State {
        func correct(_ key: State.Key?) -> State.Key? {
            key.map { State.Key(id: $0.id, since: min($0.since, now)) }
        }
        return State(
            current: correct(state.current),
            next: correct(state.next),
            previous: correct(state.previous)
        )
    }
}
