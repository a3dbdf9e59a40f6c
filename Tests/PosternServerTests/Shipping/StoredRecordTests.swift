import PosternCore
import PosternJournal
import PosternServer
import Testing

struct StoredRecordTests {
    private static let rows: [(json: String, stored: String)] = [
        (#""a":"b","c":[1,-2.5,true,false,null,{"d":{}}]"#, #""a":"b","c":[1,-2.5,true,false,null,{"d":{}}]"#),
        (#""a":"x\u0000y""#, #""a":"x\ufffdy""#),
        (#""a":"\u0000\u0000""#, #""a":"\ufffd\ufffd""#),
        (#""a\u0000":1"#, #""a\ufffd":1"#),
        // An escaped backslash escapes nothing behind it.
        (#""a":"\\u0000","b":"\\\u0000""#, #""a":"\\u0000","b":"\\\ufffd""#),
        (#""a":"\"\u0000\"""#, #""a":"\"\ufffd\"""#),
        (#""a":"\u0001\n\u001f""#, #""a":"\u0001\n\u001f""#),
        (#""a":1e5,"b":[2E-3],"c":-1.5e+999999"#, #""a":"1e5","b":["2E-3"],"c":"-1.5e+999999""#),
        (#""a":"1e5","b":"-9""#, #""a":"1e5","b":"-9""#),
        (
            #""a":"# + String(repeating: "9", count: 41) + "," + #""b":"# + String(repeating: "9", count: 40),
            #""a":""# + String(repeating: "9", count: 41) + #"","b":"# + String(repeating: "9", count: 40)
        ),
        ("", ""),
        (#""é":"€ 😀""#, #""é":"€ 😀""#),
    ]

    @Test(arguments: rows) func `members become what jsonb takes`(json: String, stored: String) {
        #expect(String(decoding: StoredRecord.storable(Array(json.utf8)[...]), as: UTF8.self) == stored)
    }

    @Test func `a row has the line's bytes, its backslashes doubled, and the event's own members`() throws {
        let record = try ShippingFixture().records("session.cancel") { writer in
            writer.name("session")
            writer.string("a\"b\\c\nd\u{0}")
        }[0]
        var row: [UInt8] = []
        StoredRecord(record).append(to: &row, isPlain: false)
        let columns = String(decoding: row, as: UTF8.self).split(separator: "\t", omittingEmptySubsequences: false)
        try #require(columns.count == 6)
        #expect(columns[0] == "0" && columns[1] == "2026-11-21T01:29:40.000000Z" && columns[2] == "session.cancel")
        #expect(columns[3] == "\(record.frame.hash)")
        #expect(columns[4].replacing("\\\\", with: "\\") == String(decoding: record.line, as: UTF8.self)[...])
        #expect(columns[5] == #"{"session":"a\\"b\\\\c\\nd\\ufffd"}"# + "\n")
        row = []
        StoredRecord(record).append(to: &row, isPlain: true)
        #expect(String(decoding: row, as: UTF8.self).hasSuffix("\t\\N\n"))
    }

    @Test func `a record's time is read as it is written`() {
        for microseconds in [1_795_224_580_123_456, 0, 951_782_399_000_000, 4_107_542_399_999_999] {
            let time = Timestamp(microseconds: Int64(microseconds))
            #expect(RecordTime.parse(time.rfc3339) == time)
        }
        for text in ["", "2026-11-21T01:29:40Z", "2026-11-21T01:29:40.000000+", "xxxx-11-21T01:29:40.000000Z"] {
            #expect(RecordTime.parse(text) == nil)
        }
    }
}
