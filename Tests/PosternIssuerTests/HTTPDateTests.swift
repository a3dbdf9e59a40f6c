import PosternCore
import PosternIssuer
import Testing

struct HTTPDateTests {
    @Test func `a date is read and written in the one form of today`() {
        for text in ["Thu, 01 Jan 1970 00:00:00 GMT", "Sat, 21 Nov 2026 01:29:40 GMT", "Thu, 29 Feb 2024 23:59:59 GMT"]
        {
            #expect(HTTPDate.parse(text).map(HTTPDate.format) == text)
        }
        #expect(HTTPDate.parse("Sat, 21 Nov 2026 01:29:40 GMT")?.seconds == 1_795_224_580)
    }

    @Test(arguments: [
        "", "Sun, 21 Nov 2026 01:29:40 GMT", "Sat, 21 Nov 2026 01:29:40 UTC", "Sat, 21 nov 2026 01:29:40 GMT",
        "Sat, 31 Nov 2026 01:29:40 GMT", "Saturday, 21-Nov-26 01:29:40 GMT", "Sat Nov 21 01:29:40 2026",
        "Sat, 21 Nov 2026 24:00:00 GMT", "Sat, 21 Nov 2026 01:29:40 GMT ", "Wed, 31 Dec 1969 23:59:59 GMT",
    ])
    func `any other form is none`(text: String) {
        #expect(HTTPDate.parse(text) == nil)
    }
}
