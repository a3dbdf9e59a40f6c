import PosternDeployLint
import Testing

/// Compose files that are used together, and comments in them.
struct DeployComposeFilesTests {
    @Test func `extends brings image, environment and volumes along`() {
        let base = """
            services:
              postgres: {image: "postgres:17.5", volumes: ["./data:/var/lib/postgresql/data"]}
            """
        let own = """
            name: shop
            services:
              db: {extends: {file: common.compose.yaml, service: postgres}}
              other: {extends: db}
            """
        #expect(
            findings(["compose.yaml": own, "common.compose.yaml": base], context: ["common.compose.yaml"]) == [
                "common.compose.yaml:2:48 data/relative-bind"
            ]
        )
    }

    @Test func `a ring of extends ends`() {
        let text = "services: {a: {extends: b}, b: {extends: a, image: nginx}}"
        #expect(findings(["compose.yaml": text]) == [])
    }

    @Test func `an override is read together with its base`() {
        let base = compose(volumes: "db-data:/var/lib/postgresql/data")
        let override = """
            services:
              db: {volumes: ["./data:/var/lib/postgresql/data"]}
            """
        #expect(
            findings(["compose.yaml": base, "compose.override.yaml": override]) == [
                "compose.override.yaml:2:18 data/relative-bind"
            ]
        )
        #expect(
            findings(["compose.yaml": base, "compose.override.yaml": "services: {db: {ports: [\"127.0.0.1:1:5432\"]}}"])
                == []
        )
    }

    @Test(
        arguments: [
            ("./data:/var/lib/postgresql/data # postern-lint: ignore data/relative-bind a sandbox of mine", []),
            (
                "./data:/var/lib/postgresql/data # postern-lint: ignore data/relative-bind",
                ["data/relative-bind", "load/suppression"]
            ),
            (
                "./data:/var/lib/postgresql/data # postern-lint: ignore data/relative why",
                ["data/relative-bind", "load/suppression"]
            ),
            (
                "./data:/var/lib/postgresql/data # postern-lint: allow data/relative-bind why",
                ["data/relative-bind", "load/suppression"]
            ),
            ("./data:/var/lib/postgresql/data # postern-lint: ignore-file data/relative-bind a sandbox", []),
            (
                "db-data:/var/lib/postgresql/data # postern-lint: ignore data/relative-bind a sandbox",
                ["load/suppression"]
            ),
        ] as [(String, Set<String>)]
    )
    func `a comment at a line's end`(volume: String, wanted: Set<String>) {
        let text = """
            name: shop
            services:
              db:
                image: postgres:17.5
                volumes:
                  - \(volume)
            volumes: {db-data: }
            """
        #expect(rules(["compose.yaml": text]) == wanted)
    }

    @Test func `a comment before a line, also in a script`() {
        let script = """
            # postern-lint: ignore commands/destroys-volumes the machine is made for this run
            # and goes with it

            docker compose down -v
            docker compose down -v
            """
        #expect(findings([".drone.yml": pipeline(script)]) == ["12:11 commands/destroys-volumes"])
        #expect(findings(["a.sh": script]) == ["5:1 commands/destroys-volumes"])
    }

    @Test func `places of commands`() {
        let text = """
            on: push
            jobs:
              a:
                steps:
                  - run: docker compose down -v
                  - run: "true; docker compose down -v"
                  - run: |2
                        docker \\
                          compose down -v
                  - run: >
                      docker
                      compose down -v
            """
        #expect(
            findings([".github/workflows/a.yml": text]).map { String($0.prefix { $0 != " " }) } == [
                "5:14", "6:21", "8:13", "10:14",
            ]
        )
    }

    @Test(
        arguments: [
            ("{type: none, o: bind, device: ./pgdata}", ["data/relative-bind"]),
            ("{type: none, o: \"rw,bind\", device: \"${PWD}/pg\"}", ["data/relative-bind"]),
            ("{type: nfs, o: \"addr=10.0.0.1,rw\", device: \":/pg\"}", []),
            ("{type: none, o: bind, device: /srv/pg}", []),
        ] as [(String, Set<String>)]
    )
    func `a volume is what its driver's options make of it`(options: String, wanted: Set<String>) {
        let text = """
            name: shop
            services:
              db: {image: "postgres:16.4", volumes: ["pg:/var/lib/postgresql/data"]}
            volumes:
              pg: {driver_opts: \(options)}
            """
        #expect(rules(["compose.yaml": text]) == wanted)
    }

    @Test func `a base and its override are one`() {
        let bare = "name: app\nservices: {db: {image: \"postgres:16.4\"}}"
        let volume = """
            services: {db: {volumes: ["pgdata:/var/lib/postgresql/data"]}}
            volumes: {pgdata: {name: pgdata}}
            """
        #expect(rules(["docker-compose.yml": bare]) == ["data/no-volume"])
        #expect(rules(["docker-compose.yml": bare, "docker-compose.override.yml": volume]) == [])
        let whole = """
            name: app
            services: {db: {image: "postgres:16.4", volumes: ["pgdata:/var/lib/postgresql/data"]}}
            volumes: {pgdata: {name: pgdata}}
            """
        let image = "services: {db: {image: \"postgres:16.4-alpine\"}}"
        for name in ["docker-compose.prod.yml", "docker-compose.override.yml"] {
            #expect(rules(["docker-compose.yml": whole, name: image]) == [], "\(name)")
        }
        #expect(rules(["docker-compose.prod.yml": image]) == ["data/no-volume"])
    }
}
