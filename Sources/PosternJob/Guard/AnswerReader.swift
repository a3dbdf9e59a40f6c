internal import PostgresWire

/// Takes the answer to one simple query of one row and one column at most: up to ReadyForQuery, or to the server's last
/// error before it ends.
struct AnswerReader {
    struct Answer: Equatable {
        /// The last row's only column.
        var value: [UInt8]?
        var error: ErrorFields?
    }

    enum Result: Equatable {
        case more
        case answer(Answer)
        /// No messages, or more of them than an answer has.
        case violation
    }

    private var bytes: [UInt8] = []
    private var offset = 0
    private(set) var answer = Answer()

    mutating func received(_ more: [UInt8]) -> Result {
        guard bytes.count - offset + more.count <= ReceiptReader.byteLimit else { return .violation }
        bytes = Array(bytes[offset...]) + more
        offset = 0
        while bytes.count - offset >= 5 {
            let length = bytes[(offset + 1)..<(offset + 5)].reduce(0) { $0 << 8 | Int($1) }
            guard length >= 4 else { return .violation }
            guard bytes.count - offset > length else { return .more }
            let type = bytes[offset]
            let body = bytes[(offset + 5)..<(offset + 1 + length)]
            offset += 1 + length
            switch type {
            case UInt8(ascii: "D"): answer.value = ReceiptReader.onlyColumn(body)
            case UInt8(ascii: "E"):
                do throws(WireError) {
                    answer.error = try ErrorFields(body: body)
                } catch {
                    return .violation
                }
            case UInt8(ascii: "Z"):
                let found = answer
                answer = Answer()
                return .answer(found)
            default: break
            }
        }
        return .more
    }
}
