import PosternDeployLint
import PosternPolicy
import Testing

struct DeployRuleTests {
    private static let sound: Set<String> = []

    @Test(
        arguments: [
            ("db-data:/var/lib/postgresql/data", sound), ("db-data:/var/lib/postgresql/data/", sound),
            ("db-data:/var/lib/postgresql/data:rw", sound), ("./data:/var/lib/postgresql/data", ["data/relative-bind"]),
            ("../data:/var/lib/postgresql/data", ["data/relative-bind"]),
            ("\"$PWD/data:/var/lib/postgresql/data\"", ["data/relative-bind"]),
            ("\"${DATA:-./data}:/var/lib/postgresql/data\"", ["data/relative-bind"]),
            ("\"${DATA:-/srv/db}:/var/lib/postgresql/data\"", ["data/created-bind"]),
            ("\"${DATA}:/var/lib/postgresql/data\"", sound), ("\"${DATA:?set it}:/var/lib/postgresql/data\"", sound),
            ("/tmp/db:/var/lib/postgresql/data", ["data/temporary-bind"]),
            ("/srv/db:/var/lib/postgresql/data", ["data/created-bind"]),
            ("~/db:/var/lib/postgresql/data", sound),
            ("/var/lib/postgresql/data", ["data/anonymous-volume"]),
            ("other:/var/lib/postgresql/data", ["volumes/undeclared"]),
            ("db-data:/var/lib/postgresql", ["data/outside-volume"]), ("db-data:/data", ["data/outside-volume"]),
            ("db-data:/etc/postgresql", ["data/no-volume"]),
            ("./init:/docker-entrypoint-initdb.d", ["data/no-volume"]), ("", ["data/no-volume"]),
            ("{type: volume, source: db-data, target: /var/lib/postgresql/data}", sound),
            ("{source: db-data, target: /var/lib/postgresql/data}", sound),
            ("{type: volume, target: /var/lib/postgresql/data}", ["data/anonymous-volume"]),
            ("{type: bind, source: /srv/db, target: /var/lib/postgresql/data}", sound),
            ("{type: bind, source: ./db, target: /var/lib/postgresql/data}", ["data/relative-bind"]),
            ("{type: bind, source: db, target: /var/lib/postgresql/data}", ["data/relative-bind"]),
            ("{type: tmpfs, target: /var/lib/postgresql/data}", sound),
        ] as [(String, Set<String>)]
    )
    func `a mount of PostgreSQL 17`(volume: String, wanted: Set<String>) {
        #expect(rules(["compose.yaml": compose(volumes: volume)]) == wanted)
    }

    @Test(arguments: [
        ("postgres:17.5", "/var/lib/postgresql/data"), ("postgres:18.1", "/var/lib/postgresql"),
        ("postgres:18.1-alpine3.22", "/var/lib/postgresql"), ("postgres:18.1", "/var/lib/postgresql/18/docker"),
        ("docker.io/library/postgres:16.2", "/var/lib/postgresql/data"),
        ("registry.example.com:5000/postgres:16.2", "/var/lib/postgresql/data"),
        ("postgis/postgis:17-3.5", "/var/lib/postgresql/data"),
        ("pgvector/pgvector:0.8.1-pg18", "/var/lib/postgresql"),
        ("timescale/timescaledb:2.22.1-pg17", "/var/lib/postgresql/data"),
        ("bitnami/postgresql:17.5.0", "/bitnami/postgresql"), ("mysql:8.4.6", "/var/lib/mysql"),
        ("mariadb:11.8.3", "/var/lib/mysql"), ("mongo:8.0.12", "/data/db"), ("redis:8.2.1", "/data"),
        ("mcr.microsoft.com/mssql/server:2022.16.1", "/var/opt/mssql"), ("influxdb:1.11.8", "/var/lib/influxdb"),
        ("influxdb:2.7.12", "/var/lib/influxdb2"), ("clickhouse/clickhouse-server:25.8.1", "/var/lib/clickhouse"),
        ("postgres:${TAG}", "/var/lib/postgresql/data"), ("postgres:${TAG}", "/var/lib/postgresql"),
        ("postgres:${TAG:-18.1}", "/var/lib/postgresql"), ("acme/unknown:1", "/anything"),
    ])
    func `a volume where a database keeps its data`(image: String, path: String) {
        #expect(rules(["compose.yaml": compose(image: image, volumes: "\"db-data:\(path)\"")]) == [])
    }

    @Test(arguments: [
        ("postgres:18.1", "/var/lib/postgresql/data"), ("postgres:${TAG:-18.1}", "/var/lib/postgresql/data"),
        ("postgres:17.5", "/var/lib/postgresql"), ("mongo:8.0.12", "/data"), ("mysql:8.4.6", "/var/lib"),
        ("influxdb:2.7.12", "/var/lib/influxdb"), ("redis:8.2.1", "/var/lib/redis"),
    ])
    func `a volume beside it`(image: String, path: String) {
        let file = compose(image: image, volumes: "\"db-data:\(path)\"")
        #expect(rules(["compose.yaml": file]) == ["data/outside-volume"])
    }

    @Test(
        arguments: [
            ("environment: {PGDATA: /srv/pg}", "/srv", sound), ("environment: [PGDATA=/srv/pg]", "/srv/pg", sound),
            ("environment: {PGDATA: /srv/pg}", "/var/lib/postgresql/data", ["data/outside-volume"]),
            ("environment: {PGDATA: /var/lib/postgresql/data/pg}", "/var/lib/postgresql/data", sound),
            ("environment: {PGDATA: \"${WHERE}\"}", "/srv", sound),
        ] as [(String, String, Set<String>)]
    )
    func `PGDATA moves the data`(environment: String, path: String, wanted: Set<String>) {
        let file = compose(volumes: "\"db-data:\(path)\"", more: environment)
        #expect(rules(["compose.yaml": file]) == wanted)
    }

    @Test(
        arguments: [
            ("postgres", ["images/floating-tag"]), ("postgres:latest", ["images/floating-tag"]),
            ("postgres:alpine", ["images/floating-tag"]), ("postgres:18", ["images/major-tag"]),
            ("postgres:18-alpine", ["images/major-tag"]), ("postgres:18.1", sound), ("postgres:18.1-alpine", sound),
            ("postgres:18@sha256:0123", sound), ("postgres:${TAG}", sound),
            ("postgres:${TAG:-latest}", ["images/floating-tag"]),
            ("${IMAGE}", sound), ("nginx", sound), ("localhost:5000/postgres", ["images/floating-tag"]),
            ("timescale/timescaledb:2.22.1-pg18", sound), ("pgvector/pgvector:pg18", ["images/major-tag"]),
        ] as [(String, Set<String>)]
    )
    func `a tag says a version`(image: String, wanted: Set<String>) {
        #expect(rules(["compose.yaml": compose(image: image, volumes: "\"db-data:/var/lib/postgresql\"")]) == wanted)
    }

    @Test(
        arguments: [
            ("docker compose down -v", ["commands/destroys-volumes"]), ("docker compose down", sound),
            ("docker-compose down --volumes", ["commands/destroys-volumes"]),
            ("docker compose -f a.yml -p x down -t 5 -v", ["commands/destroys-volumes"]),
            ("docker compose --profile v down", sound), ("docker compose down --volumes=false", sound),
            ("docker --context prod compose down -v", ["commands/destroys-volumes"]),
            ("docker compose rm -fsv db", ["commands/destroys-volumes"]), ("docker compose rm -fs db", sound),
            ("docker volume rm $(docker volume ls -q)", ["commands/destroys-volumes"]),
            ("docker volume ls -q | xargs docker volume rm", ["commands/destroys-volumes"]),
            ("docker volume prune -f", ["commands/destroys-volumes"]), ("docker volume create x", sound),
            ("docker system prune -af --volumes", ["commands/destroys-volumes"]), ("docker system prune -af", sound),
            ("docker rm -fv db", ["commands/destroys-volumes"]), ("docker rm -f db", sound),
            ("podman volume prune", ["commands/destroys-volumes"]),
            ("podman system reset -f", ["commands/destroys-volumes"]),
            ("docker run -v x:/y alpine", sound), ("docker exec db ls -v", sound),
            ("echo docker compose down -v", sound),
            ("kubectl delete pvc data-db-0", ["commands/destroys-volumes"]), ("kubectl delete pod db-0", sound),
            ("kubectl -n x delete --wait ns/x", ["commands/destroys-volumes"]),
            ("rm -rf /var/lib/postgresql/data", ["commands/removes-data"]), ("rm -rf build", sound),
            ("rm -rf /var/lib/docker/volumes/x", ["commands/removes-data"]),
            ("rm -r \"$PGDATA\"/*", ["commands/removes-data"]),
            ("rm /var/lib/postgresql/data/x", sound), ("git clean -fdx", sound),
            ("dropdb orders", ["commands/resets-database"]),
            ("npx prisma migrate reset --force", ["commands/resets-database"]),
            ("npx prisma migrate deploy", sound),
            ("poetry run python manage.py flush --noinput", ["commands/resets-database"]),
            ("python manage.py migrate", sound), ("bin/rails db:drop", ["commands/resets-database"]),
            ("php artisan migrate:fresh", ["commands/resets-database"]),
            ("alembic downgrade base", ["commands/resets-database"]),
            ("alembic downgrade -1", sound), ("psql -c 'DROP  DATABASE x'", ["commands/resets-database"]),
            ("docker compose up -dV", ["commands/recreates-containers"]),
            ("docker compose up -d --force-recreate", sound),
            ("PGPASSWORD=hunter2 psql", ["secrets/password-in-file"]), ("PGPASSWORD=$PW psql", sound),
            ("export PGPASSWORD=hunter2", ["secrets/password-in-file"]),
            ("psql postgresql://app:hunter2@db.internal/x", ["secrets/url-with-credentials"]),
            ("psql postgresql://app@db.internal/x", sound), ("psql \"postgresql://app:$PW@db.internal/x\"", sound),
            ("psql \"$DATABASE_URL\"", ["postern/job-credentials"]),
            ("$SUDO docker compose down -v", ["commands/destroys-volumes"]),
            ("${DOCKER} compose down -v", ["commands/destroys-volumes"]),
            ("sudo -E env \"PATH=$PATH\" docker compose down -v", ["commands/destroys-volumes"]),
            ("sshpass -p \"$P\" ssh u@h 'docker compose down -v'", ["commands/destroys-volumes"]),
            ("su - deploy -c 'docker compose down -v'", ["commands/destroys-volumes"]),
            ("retry 3 docker compose down -v", ["commands/destroys-volumes"]),
            ("retry docker compose down -v", ["commands/destroys-volumes"]),
            ("doppler run -- docker compose down -v", ["commands/destroys-volumes"]),
            ("function clean { docker compose down -v; }", ["commands/destroys-volumes"]),
            ("rm -rf \"$PGDATA_BACKUP\"", sound), ("rm -rf \"${PGDATA}\"", ["commands/removes-data"]),
            ("PGPASSWORD=$${DB_PASSWORD} psql", ["postern/job-credentials"]), ("PGPASSWORD=\"$1\" psql", sound),
            ("psql postgres://app:$${DB_PASSWORD}@db.prod/app", ["postern/job-credentials"]),
            ("printf 'postgres://%s:%s@%s/app' \"$U\" \"$P\" \"$H\"", sound),
            ("sudo PGPASSWORD=hunter2 psql", ["secrets/password-in-file"]),
            ("docker run --env=POSTGRES_PASSWORD=hunter2 postgres:16.4", ["secrets/password-in-file"]),
            ("docker-compose run -e PGPASSWORD=hunter2 db psql", ["secrets/password-in-file"]),
            ("docker exec -i db dropdb app", ["commands/resets-database"]),
            ("docker compose -f x.yaml exec -T db psql -c 'drop schema app cascade'", ["commands/resets-database"]),
            ("docker compose exec db sh -c 'rm -rf $PGDATA'", ["commands/removes-data"]),
            (
                "docker run --rm -v x:/var/lib/postgresql/data --entrypoint rm alpine:3.20 -rf /var/lib/postgresql/data",
                ["commands/removes-data"]
            ),
            ("docker-compose run --rm web bin/rails db:reset", ["commands/resets-database"]),
            ("kubectl exec -n shop db-0 -c db -- dropdb app", ["commands/resets-database"]),
            ("kubectl exec db-0 -- psql -c 'select 1'", sound), ("docker run --rm alpine:3.20 rm -rf /tmp/x", sound),
            ("psql 'host=db.internal dbname=app user=app password=hunter2'", ["secrets/url-with-credentials"]),
            ("psql \"host=db.internal dbname=app password=$PW\"", sound),
            ("mysql --host=db.internal --password=hunter2 app", ["secrets/url-with-credentials"]),
            ("app --db 'Server=db.internal;User Id=app;Password=hunter2'", ["secrets/url-with-credentials"]),
            (
                "java -jar x.jar 'jdbc:postgresql://db.internal/app?user=a&password=hunter2'",
                ["secrets/url-with-credentials"]
            ),
            ("curl -d 'user=a&password=b' https://login.internal", sound),
            ("psql 'host=db.internal password=<yours>'", sound),
            ("postern exec --role r -- sh -c 'psql \"$DATABASE_URL\"'", sound),
        ] as [(String, Set<String>)]
    )
    func `a command of a pipeline`(script: String, wanted: Set<String>) {
        #expect(rules([".drone.yml": pipeline(script)]) == wanted)
    }

    @Test(
        arguments: [
            ("db-data:/var/lib/postgresql/data", "up --force-recreate", sound),
            ("db-data:/var/lib/postgresql/data", "up -V", sound),
            (
                "./data:/var/lib/postgresql/data", "up --force-recreate",
                ["data/relative-bind", "commands/recreates-containers"]
            ),
            ("/var/lib/postgresql/data", "up -V", ["data/anonymous-volume", "commands/recreates-containers"]),
            ("", "up --force-recreate", ["data/no-volume", "commands/recreates-containers"]),
            ("", "-f other.yaml up --force-recreate", ["data/no-volume"]),
            ("", "-f srv/compose.yaml up --force-recreate", ["data/no-volume", "commands/recreates-containers"]),
        ] as [(String, String, Set<String>)]
    )
    func `making anew is as safe as the mounts are`(volume: String, verb: String, wanted: Set<String>) {
        let found = rules([
            "srv/compose.yaml": compose(volumes: volume), ".drone.yml": pipeline("docker compose \(verb)"),
        ])
        #expect(found == wanted)
    }

    @Test func `what is cleaned or removed may be a database's folder`() {
        for (script, isBad) in [
            ("git clean -ffdx", true), ("rm -rf ./data", true), ("rm -rf data/", true), ("rm -rf dist", false),
            ("git -C . clean -fdx", true), ("git clean -ffdx -e data", false),
            ("git clean -fdx --exclude=data", false), ("git commit -m clean -x", false), ("rm -rf \"$PWD/data\"", true),
        ] {
            let found = rules([
                "compose.yaml": compose(volumes: "./data:/var/lib/postgresql/data"), ".drone.yml": pipeline(script),
            ])
            #expect(
                found == (isBad ? ["data/relative-bind", "commands/removes-data"] : ["data/relative-bind"]),
                "\(script)"
            )
        }
    }

    @Test func `a compose file for tests may go with its volumes`() {
        let file = """
            services:
              db: {image: "postgres:17.5", tmpfs: /var/lib/postgresql/data}
            """
        let script = pipeline("docker compose -f compose.test.yaml down -v")
        #expect(rules(["compose.test.yaml": file, ".drone.yml": script]) == [])
        #expect(rules([".drone.yml": script]) == ["commands/destroys-volumes"])
    }

    @Test func `a compose file that several could be is not taken for the harmless one`() {
        let harmless = "services: {db: {image: \"postgres:16.4\", tmpfs: /var/lib/postgresql/data}}"
        let script = "docker compose -f compose.yaml down -v"
        #expect(rules(["ci/compose.yaml": harmless, "x.sh": script]).isEmpty)
        let lasting = compose(volumes: "\"db-data:/var/lib/postgresql/data\"")
        #expect(
            rules(["ci/compose.yaml": harmless, "prod/compose.yaml": lasting, "x.sh": script])
                == ["commands/destroys-volumes"]
        )
        let including = harmless + "\ninclude: [db.yaml]"
        #expect(rules(["ci/compose.yaml": including, "x.sh": script]) == ["commands/destroys-volumes"])
    }

    @Test(
        arguments: [
            "ssh h 'bash -s' <<EOF || exit 1\ndocker compose down -v\nEOF\n",
            "ssh h <<EOF | tee log\ndocker compose down -v\nEOF\n", "cat <<EOF | ssh h\ndocker compose down -v\nEOF\n",
        ]
    )
    func `a text for a shell is a script, whatever follows on its line`(script: String) {
        #expect(rules(["x.sh": script]) == ["commands/destroys-volumes"])
    }

    @Test(
        arguments: [
            ("lscr.io/linuxserver/mariadb:10.11.6", "/config"), ("kartoza/postgis:16-3.4", "/var/lib/postgresql"),
            ("redis:7.2.4", "/var/log/redis"),
        ]
    )
    func `nothing is said of a path that is not known`(image: String, path: String) {
        let found = rules(["compose.yaml": compose(image: image, volumes: "\"db-data:\(path)\"")])
        #expect(found.subtracting(["images/major-tag"]).isEmpty)
    }

    @Test func `lines end as they do on any system`() {
        let lines = ["#!/bin/sh", "echo", "psql postgres://a:hunter2@db/x", "", "psql postgres://b:hunter3@db2/x", ""]
        let found = findings(["x.sh": lines.joined(separator: "\r\n")])
        #expect(found.map { String($0.prefix { $0 != ":" }) } == ["3", "5"])
    }

    @Test(
        arguments: [
            ("mysql -uroot -phunter2 -e 'drop database x'", true), ("sudo PGPASSWORD=hunter2 dropdb app", true),
            ("docker volume rm x; docker run --env=POSTGRES_PASSWORD=hunter2 postgres", true),
            ("redis-cli -a hunter2 flushall", true), ("PGPASSWORD=$PW dropdb app", false), ("dropdb app", false),
            ("mysql -uroot -p -e 'drop database x'", false),
        ]
    )
    func `no line with a password is shown, whatever is said of it`(line: String, hides: Bool) {
        let file = DeployFile(path: "x.sh", contents: Array(line.utf8), kind: nil)
        let found = DeployLinter.findings(in: DeploySubject([file].compactMap(\.self)))
        #expect(!found.isEmpty && found.allSatisfy { $0.hidesSource == hides })
    }

    @Test(
        arguments: [
            ("command: psql -h db -f /sql/init.sql", true),
            ("entrypoint: [sh, -c, 'pg_dump app > /dump/app.sql']", true),
            ("command: [bash, -c, 'until pg_isready -h db; do sleep 1; done']", true),
            ("command: postgres -c fsync=off", false), ("command: ['-c', 'fsync=off']", false),
            ("entrypoint: [sh, -c, 'pg_isready; exec docker-entrypoint.sh postgres']", false),
        ]
    )
    func `a container that takes the image for its client keeps no data`(command: String, isClient: Bool) {
        let file = """
            services:
              job:
                image: postgres:16.4
                \(command)
            """
        #expect(rules(["compose.yaml": file]) == (isClient ? [] : ["data/no-volume"]))
    }
}
