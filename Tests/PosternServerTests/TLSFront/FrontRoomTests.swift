import PosternNet
import PosternServer
import Testing

struct FrontRoomTests {
    @Test func `an address makes room for itself, and shuts nobody out`() {
        var room = FrontRoom(limits: .init(connections: 128, perSource: 32, waitingPerSource: 16))
        for id in 1...16 { #expect(room.admit(UInt64(id), source: [1]) == .admitted) }
        #expect(room.admit(17, source: [1]) == .admittedInPlaceOf(1))
        #expect(room.admit(18, source: [2]) == .admitted)
        // Whoever has said what he wants is not closed.
        room.spoke(2)
        #expect(room.admit(19, source: [1]) == .admitted)
        #expect(room.admit(20, source: [1]) == .admittedInPlaceOf(3))
        for id in 21...1000 { #expect(room.admit(UInt64(id), source: [1]) != .refused) }
        #expect(room.count == 18)
    }

    @Test func `no address has more than its share, whatever it says`() {
        var room = FrontRoom(limits: .init(connections: 128, perSource: 32, waitingPerSource: 16))
        for id in 1...32 {
            #expect(room.admit(UInt64(id), source: [1]) == .admitted)
            room.spoke(UInt64(id))
        }
        #expect(room.admit(33, source: [1]) == .refused)
        #expect(room.admit(34, source: [2]) == .admitted)
        room.leave(5)
        #expect(room.admit(35, source: [1]) == .admitted)
    }

    @Test func `a full front closes the one that has waited longest`() {
        var room = FrontRoom(limits: .init(connections: 4, perSource: nil))
        for id in 1...4 { #expect(room.admit(UInt64(id), source: []) == .admitted) }
        room.spoke(1)
        #expect(room.admit(5, source: []) == .admittedInPlaceOf(2))
        for id in 3...5 { room.spoke(UInt64(id)) }
        #expect(room.admit(6, source: []) == .refused)
        #expect(room.count == 4)
    }

    @Test(arguments: [
        ("127.0.0.1", true), ("127.8.8.8", true), ("::1", true), ("0.0.0.0", false), ("::", false),
        ("192.0.2.1", false), ("2001:db8::1", false), ("::2", false),
    ])
    func `an address of this machine is known`(address: String, isOwn: Bool) throws {
        #expect(try #require(SocketAddress(ip: address, port: 1)).isOfThisMachine == isOwn)
        #expect(try #require(SocketAddress(unixPath: "/tmp/x")).isOfThisMachine)
    }
}
