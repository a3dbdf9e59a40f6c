internal import PosternCore

/// Tells records to a person: a line for each, with indented lines below where one is not enough.
///
/// What strangers wrote cannot reach the terminal as anything but characters: all text is escaped, and a value that
/// has spaces in it stands in quotes.
package struct JournalNarrator {
    /// Columns of the terminal.
    package let width: Int
    private static let indent = 14
    private static let eventColumns = 18

    package init(width: Int = 100) {
        self.width = max(40, width)
    }

    /// One record, without a line feed at the end.
    package func tell(_ record: JournalRecord) -> String {
        let frame = record.frame
        // Of `2026-11-21T01:29:40.123456Z`, whose length the frame has checked.
        let clock = frame.time.dropFirst(11).prefix(12)
        let event = TerminalText.escaped(frame.event)
        let padding = String(repeating: " ", count: max(0, Self.eventColumns - event.count))
        let folder = LineFolder(width: width, indent: Self.indent)
        let text = Narration.of(record).filter { !$0.isEmpty }
        return folder.fold(head: "\(clock)  \(event)\(padding)  ", paragraphs: text)
    }
}
