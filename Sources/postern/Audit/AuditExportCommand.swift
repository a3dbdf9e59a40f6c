internal import ArgumentParser
internal import Glibc
internal import PosternJournal

struct AuditExportCommand: ParsableCommand {
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case json
        case csv
    }

    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Print events in the order of their times, for other programs.",
        discussion: """
            json prints each record as it lies in the journal, byte for byte, so that its hash can be checked. csv (RFC 4180) \
            prints one line for an event with what is known of its session; a text that a spreadsheet would take for a \
            formula has an apostrophe in front.

            With --tag, --object or --decision only the decisions on statements are printed. With --follow it goes on as \
            records are written, over rotations, until SIGINT or SIGTERM or until nobody reads any more.

            Examples:
              postern audit export --format csv --since 7d /var/lib/postern/journal > 7d.csv
              postern audit export --follow --decision deny /var/lib/postern/journal
            """
    )

    @OptionGroup var journals: JournalArguments
    @OptionGroup var filters: AuditFilterOptions

    @Option(name: .long, help: "json or csv.")
    var format = Format.json

    @Flag(name: .long, help: "Go on as records are written.")
    var follow = false

    func validate() throws {
        guard !journals.directories.isEmpty else { throw ValidationError("name a journal's folder") }
    }

    func run() throws {
        let filter = try filters.filter()
        let writer = ExportWriter()
        let notes = AuditReading.notes()
        do throws(JournalReadError) {
            let stream = try EventStream(directories: journals.directories, filter, notes: notes)
            if format == .csv { writer.append(EventCSV.header) }
            repeat {
                while !writer.isOver, let event = try stream.next() {
                    switch format {
                    case .json: writer.append(event.line + [UInt8(ascii: "\n")])
                    case .csv: writer.append(EventCSV.line(of: event))
                    }
                }
                writer.flush()
                guard follow, !writer.isOver else { break }
                writer.wait()
                stream.refresh()
            } while !writer.isOver
        } catch {
            throw AuditReading.unusable(error)
        }
        try AuditReading.requireWhole(notes)
    }
}
