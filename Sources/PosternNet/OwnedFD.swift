internal import Glibc

/// A file descriptor with one owner, closed when the owner lets go of it.
package struct OwnedFD: ~Copyable {
    package let number: Int32

    /// Takes over `number`, which nobody else may close from now on.
    package init(_ number: Int32) {
        self.number = number
    }

    deinit { close(number) }

    /// Gives the descriptor away without closing it.
    package consuming func release() -> Int32 {
        let number = number
        discard self
        return number
    }
}
