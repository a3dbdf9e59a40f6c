internal import PosternCore
internal import Synchronization

/// Where the chains of one gateway stood at their last checkpoints: each writer's checkpoints name the others' heads,
/// so that a chain cannot be cut or left out alone.
///
/// Touched at checkpoints only, never for a record.
package final class JournalHeads: Sendable {
    private let heads = Mutex<[String: RecordPosition]>([:])

    package init() {}

    func note(_ name: String, _ position: RecordPosition) {
        heads.withLock { $0[name] = position }
    }

    /// The last checkpoint of each chain that is on the disk, by the chain's name.
    package var durable: [String: RecordPosition] { heads.withLock { $0 } }

    /// The `heads` member of a checkpoint of the chain `name`.
    func others(than name: String) -> JSONObject {
        let others = heads.withLock { heads in heads.filter { $0.key != name } }
        var object = JSONObject()
        for (name, head) in others.sorted(by: { $0.value.chain.description < $1.value.chain.description }) {
            let value: JSONObject = [
                "name": .string(name), "seq": .number(JSONNumber(head.seq)), "hash": .string(head.hash.description),
            ]
            object.append(head.chain.description, .object(value))
        }
        return object
    }
}
