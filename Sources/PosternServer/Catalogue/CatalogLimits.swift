/// How large a catalogue may be. Beyond one of these it is refused as a whole: half of it would call known names unknown.
package struct CatalogLimits: Hashable, Sendable {
    package var relations: Int
    package var columns: Int
    /// Functions of one name and schema count as one.
    package var functions: Int
    /// Of names, and the numbers that come with them.
    package var bytes: Int

    package init(
        relations: Int = 400_000,
        columns: Int = 2_000_000,
        functions: Int = 200_000,
        bytes: Int = 64 << 20
    ) {
        self.relations = relations
        self.columns = columns
        self.functions = functions
        self.bytes = bytes
    }
}
