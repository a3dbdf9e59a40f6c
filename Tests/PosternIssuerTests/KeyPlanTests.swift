import PosternCore
import PosternIssuer
import Testing

/// The life of keys, played through with moments that are handed in.
struct KeyPlanTests {
    private static let start = Timestamp(seconds: 1_795_224_580)
    private static let day = 86_400
    private static let plan = KeyPlan(rotateEvery: .seconds(30 * day), maxAge: .seconds(300), lifetime: .seconds(3600))

    /// An issuer that looks at its keys.
    private struct Play {
        var state = KeyPlan.State()
        var wall = KeyPlanTests.start
        /// For how long each key is published, by the machine's own count.
        var published: [String: Int] = [:]
        var made = 0

        mutating func pass(_ seconds: Int, clockJumps jump: Int = 0) -> [KeyPlan.Step] {
            wall = wall.advanced(by: .seconds(seconds + jump))
            for id in published.keys { published[id, default: 0] += seconds }
            return look()
        }

        mutating func look() -> [KeyPlan.Step] {
            var steps: [KeyPlan.Step] = []
            while let step = KeyPlanTests.plan.step(for: state, now: wall, published: { .seconds(published[$0] ?? 0) })
            {
                steps.append(step)
                made += 1
                let before = state
                state = KeyPlanTests.plan.state(after: step, of: state, new: "k\(made)", now: wall)
                for key in state.keys where !before.keys.contains(key) { published[key.id] = 0 }
                guard steps.count < 10 else { break }
            }
            return steps
        }

        /// A new process: it has published nothing yet.
        mutating func restart() {
            state = KeyPlanTests.plan.corrected(state, now: wall)
            for id in published.keys { published[id] = 0 }
        }

        var ids: [String?] { [state.current?.id, state.next?.id, state.previous?.id] }
    }

    @Test func `the first key signs at once and the next is published beside it`() {
        var play = Play()
        #expect(play.look() == [.makeCurrent, .makeNext])
        #expect(play.ids == ["k1", "k2", nil])
        #expect(play.pass(29 * Self.day) == [])
    }

    @Test func `a key rotates with an overlap on both sides`() {
        var play = Play()
        _ = play.look()
        #expect(play.pass(30 * Self.day) == [.promote, .makeNext])
        #expect(play.ids == ["k2", "k4", "k1"])
        #expect(play.pass(3600 + 119) == [])
        #expect(play.pass(1) == [.dropPrevious])
        #expect(play.ids == ["k2", "k4", nil])
        #expect(play.pass(30 * Self.day) == [.promote, .makeNext])
        #expect(play.state.current?.id == "k4")
    }

    @Test func `no key signs before it was published for a while, whatever the clock says`() {
        var play = Play()
        _ = play.look()
        #expect(play.pass(10, clockJumps: 400 * Self.day) == [])
        #expect(play.pass(289) == [])
        #expect(play.pass(1) == [.promote, .makeNext])
        // The previous key stays too, until its tokens are gone by this machine's count.
        #expect(play.pass(60, clockJumps: 10 * Self.day) == [])
        #expect(play.ids[2] == "k1")
        #expect(play.pass(3660) == [.dropPrevious])
    }

    @Test func `no key is given up while a token of it may live, however often keys rotate`() {
        let plan = KeyPlan(rotateEvery: .seconds(60), maxAge: .seconds(1), lifetime: .seconds(3600))
        func key(_ id: String, _ age: Int) -> KeyPlan.State.Key {
            KeyPlan.State.Key(id: id, since: Self.start.advanced(by: .seconds(-age)))
        }
        func step(_ age: Int) -> KeyPlan.Step? {
            let state = KeyPlan.State(current: key("b", age), next: key("c", age), previous: key("a", age))
            return plan.step(for: state, now: Self.start, published: { _ in .seconds(age) })
        }
        #expect(step(61) == nil && step(3719) == nil)
        #expect(step(3720) == .dropPrevious)
        #expect(
            plan.step(
                for: KeyPlan.State(current: key("b", 61), next: key("c", 61)),
                now: Self.start,
                published: { _ in .seconds(61) }
            ) == .promote
        )
    }

    @Test func `a restart begins the count anew`() {
        var play = Play()
        _ = play.look()
        play.wall = play.wall.advanced(by: .seconds(40 * Self.day))
        play.restart()
        #expect(play.look() == [])
        #expect(play.pass(299) == [])
        #expect(play.pass(1) == [.promote, .makeNext])
    }

    @Test func `a clock that was ahead does not keep a key for years`() {
        var play = Play()
        play.wall = Self.start.advanced(by: .seconds(3650 * Self.day))
        _ = play.look()
        play.wall = Self.start
        play.restart()
        #expect(play.state.current?.since == Self.start)
        #expect(play.pass(30 * Self.day) == [.promote, .makeNext])
    }

    @Test func `a state is read as it was written, and nothing else is`() {
        let id = Base64.encode([UInt8](repeating: 7, count: 32), .url)
        let key = KeyPlan.State.Key(id: id, since: Self.start)
        for state in [KeyPlan.State(), .init(current: key), .init(current: key, next: key, previous: key)] {
            #expect(KeyPlan.State(json: Array(state.json.utf8)) == state)
        }
        let other = "\"since\":\"2026-11-21T01:29:40Z\""
        for text in [
            "", "{}", "{\"v\":2}", "{\"v\":1,\"current\":{}}", "{\"v\":1,\"later\":{\"kid\":\"\(id)\",\(other)}}",
            "{\"v\":1,\"current\":{\"kid\":\"../../x\",\(other)}}",
            "{\"v\":1,\"current\":{\"kid\":\"\(id)\",\"since\":1}}",
        ] {
            #expect(KeyPlan.State(json: Array(text.utf8)) == nil)
        }
    }
}
