import Glibc
import PosternDemo
import Testing

struct DemoTests {
    @Test func `a gateway that does not start ends the demo with its words, and nothing is left`() async throws {
        try await withFolder { folder in
            let program = folder.file("gateway")
            try Files.writePrivate(
                "#!/bin/sh\necho \"$PWD\" > \(folder.file("where"))\necho broken >&2\nexit 2\n",
                to: program
            )
            #expect(chmod(program, 0o700) == 0)
            let terminal = Terminal(isColoured: false) { _ in }
            let demo = Demo(.init(keeps: false, executable: program), terminal: terminal)
            let error = await #expect(throws: DemoError.self) { try await demo.run() }
            #expect(error?.description.contains("exited with code 2") == true)
            #expect(error?.description.contains("broken") == true)
            let place = String(decoding: try #require(Files.read(folder.file("where"))), as: UTF8.self)
            #expect(place.contains("postern-demo-"))
            var status = stat()
            #expect(stat(String(place.dropLast()), &status) == -1 && errno == ENOENT)
        }
    }
}
