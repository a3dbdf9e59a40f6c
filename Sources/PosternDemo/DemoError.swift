/// Something that keeps the demo from going on, in a person's words.
package struct DemoError: Error, CustomStringConvertible {
    package let description: String
    /// What to do about it.
    package let hint: String?

    package init(_ description: String, hint: String? = nil) {
        self.description = description
        self.hint = hint
    }
}
