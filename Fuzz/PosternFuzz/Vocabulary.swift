/// What a mutator puts into texts: pieces that mean something to whoever reads them.
package struct Vocabulary: Sendable {
    let words: [[UInt8]]
    /// What whole texts are put between.
    let wrappers: [(String, String)]
    /// What parts are put between, many deep.
    let brackets: [(String, String)]
    /// Between one text and another.
    let separator: [UInt8]
}
