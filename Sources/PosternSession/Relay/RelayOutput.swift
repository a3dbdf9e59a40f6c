/// What goes to the other side for a piece of input: parts of it as they came, and messages in the place of others.
package struct RelayOutput {
    package enum Piece {
        /// These bytes of the input.
        case input(Range<Int>)
        case bytes([UInt8])
        /// The row that answers a statement of the gateway's own.
        case answer(OwnStatement)
    }

    package private(set) var pieces: [Piece] = []

    package init() {}

    package var isEmpty: Bool { pieces.isEmpty }

    /// The range goes on as it is.
    mutating func pass(_ range: Range<Int>) {
        if case .input(let last) = pieces.last, last.upperBound == range.lowerBound {
            pieces[pieces.count - 1] = .input(last.lowerBound..<range.upperBound)
        } else {
            pieces.append(.input(range))
        }
    }

    mutating func put(_ bytes: [UInt8]) {
        pieces.append(.bytes(bytes))
    }

    mutating func put(_ statement: OwnStatement) {
        pieces.append(.answer(statement))
    }

    mutating func clear() {
        pieces.removeAll(keepingCapacity: true)
    }
}
