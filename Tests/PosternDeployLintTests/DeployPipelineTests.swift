import PosternDeployLint
import Testing

struct DeployPipelineTests {
    @Test(arguments: [
        ("trigger: {event: [push]}", false), ("trigger: {event: [push, pull_request]}", true), ("", true),
        ("trigger: {branch: main}", true), ("trigger: {event: {exclude: [pull_request]}}", false),
        ("trigger: {ref: [refs/heads/main]}", false), ("trigger: {ref: [\"refs/pull/**\"]}", true),
        ("trigger: {event: {include: [tag]}}", false),
    ])
    func `pull requests of Drone`(trigger: String, isReported: Bool) {
        let text = """
            kind: pipeline
            \(trigger)
            steps:
              - {name: a, image: b, settings: {token: {from_secret: token}}}
            """
        #expect(rules([".drone.yml": text]) == (isReported ? ["secrets/pull-request"] : []))
    }

    @Test func `a step of Drone may keep them out itself`() {
        let text = """
            kind: pipeline
            steps:
              - {name: a, image: b, settings: {token: {from_secret: token}}, when: {event: push}}
            """
        #expect(rules([".drone.yml": text]) == [])
    }

    @Test(arguments: [
        ("when: [{event: push}, {event: tag}]", false), ("when: {event: [push, pull_request]}", true), ("", true),
        ("when: [{event: push}, {branch: main}]", true), ("when: {event: pull_request_closed}", true),
    ])
    func `pull requests of Woodpecker`(when: String, isReported: Bool) {
        let text = """
            \(when)
            steps:
              a: {image: b, environment: {TOKEN: {from_secret: token}}}
            """
        #expect(rules([".woodpecker.yaml": text]) == (isReported ? ["secrets/pull-request"] : []))
    }

    @Test(arguments: [
        ("rules: [{if: $CI_PIPELINE_SOURCE == \"merge_request_event\"}]", true), ("only: [merge_requests]", true),
        ("rules: [{if: $CI_COMMIT_BRANCH == \"main\"}]", false), ("", false), ("only: [main]", false),
        ("rules: [{if: $CI_PIPELINE_SOURCE == \"merge_request_event\", when: never}, {when: on_success}]", false),
    ])
    func `merge requests of GitLab`(condition: String, isReported: Bool) {
        let text = """
            deploy:
              script: [make]
              secrets: {TOKEN: {vault: a/b/c}}
              \(condition)
            """
        #expect(rules([".gitlab-ci.yml": text]) == (isReported ? ["secrets/pull-request"] : []))
    }

    @Test(arguments: [
        ("pull_request_target", "", "ref: \"${{ github.event.pull_request.head.sha }}\"", true),
        ("pull_request_target", "", "ref: main", false),
        ("pull_request", "", "ref: \"${{ github.event.pull_request.head.sha }}\"", false),
        ("[push, workflow_run]", "", "ref: \"${{ github.event.workflow_run.head_branch }}\"", true),
        ("{pull_request_target: {types: [labeled]}}", "", "ref: \"${{ github.head_ref }}\"", true),
        (
            "pull_request_target", "if: github.event.pull_request.head.repo.full_name == github.repository",
            "ref: \"${{ github.head_ref }}\"", false
        ),
    ])
    func `the code of a pull request at GitHub`(event: String, condition: String, reference: String, isReported: Bool) {
        let text = """
            on: \(event)
            jobs:
              a:
                \(condition)
                steps:
                  - uses: actions/checkout@v5
                    with: {\(reference)}
                  - run: make
                    env: {TOKEN: "${{ secrets.TOKEN }}"}
            """
        #expect(rules([".github/workflows/a.yml": text]) == (isReported ? ["secrets/pull-request-head"] : []))
    }

    @Test func `an identity is as good as a secret`() {
        let text = """
            on: pull_request_target
            permissions: {id-token: write}
            jobs:
              a: {steps: [{run: "gh pr checkout 5 && make"}]}
            """
        #expect(findings([".github/workflows/a.yml": text]) == ["4:22 secrets/pull-request-head"])
    }

    @Test func `a database beside a job's tests needs neither secret nor gateway`() {
        let text = """
            on: push
            jobs:
              test:
                services:
                  postgres: {image: "postgres:17.5", env: {POSTGRES_PASSWORD: postgres}}
                env: {DATABASE_URL: "postgres://postgres:postgres@localhost/test", PGPASSWORD: postgres}
                steps:
                  - run: bundle exec rails db:schema:load
            """
        #expect(findings([".github/workflows/test.yml": text]) == [])
    }

    @Test(
        arguments: [
            ("-h db.example.com", true), ("--host=db.example.com", true), ("--host db.example.com", true),
            ("-h localhost", false), ("-h postgres", false), ("-h $PGHOST", false), ("", false),
        ]
    )
    func `a password that a job with a database of its own types for another one is a password`(
        _ host: String,
        _ isReported: Bool
    ) {
        let text = """
            on: push
            jobs:
              test:
                services:
                  postgres: {image: "postgres:17.5", env: {POSTGRES_PASSWORD: postgres}}
                steps:
                  - run: PGPASSWORD=hunter2 psql \(host) -c 'select 1'
              lint:
                steps:
                  - run: make lint
            """
        let found = findings([".github/workflows/test.yml": text])
        #expect(found == (isReported ? ["7:14 secrets/password-in-file"] : []))
    }

    @Test func `anchors, references and nested scripts of GitLab`() {
        let text = """
            .down: &down
              - docker compose down -v
            .base:
              variables: {DATABASE_URL: $PRODUCTION_URL}
            default:
              before_script: [!reference [.down, script]]
            deploy:
              extends: .base
              script:
                - *down
                - [make deploy]
            """
        #expect(
            findings([".gitlab-ci.yml": text]) == ["2:5 commands/destroys-volumes", "4:15 postern/job-credentials"]
        )
    }

    @Test func `volumes of Drone belong to one pipeline`() {
        let text = """
            kind: pipeline
            trigger: {event: push}
            steps: [{name: a, image: b, volumes: [{name: cache, path: /cache}]}]
            volumes: [{name: cache, temp: {}}]
            ---
            kind: pipeline
            trigger: {event: push}
            steps: [{name: a, image: b, volumes: [{name: cache, path: /cache}]}]
            volumes: [{name: x, host: {path: cache}}, {name: y}]
            """
        #expect(
            findings([".drone.yml": text]) == [
                "8:46 drone/undeclared-volume", "9:34 drone/volume-source", "9:43 drone/volume-source",
            ]
        )
    }

    @Test func `a path through the host's socket is the host's`() {
        let text = """
            kind: pipeline
            trigger: {event: push}
            steps:
              - name: deploy
                image: docker:28.5
                volumes: [{name: sock, path: /var/run/docker.sock}]
                commands:
                  - docker run -v /drone/src/data:/data alpine
                  - docker compose up -d
            volumes: [{name: sock, host: {path: /var/run/docker.sock}}]
            """
        let found = findings([".drone.yml": text, "compose.yaml": compose(volumes: "./data:/var/lib/postgresql/data")])
        #expect(
            found == [
                ".drone.yml:8:23 data/socket-path", ".drone.yml:9:9 data/socket-path",
                "compose.yaml:5:15 data/relative-bind",
            ]
        )
    }

    @Test func `scripts of actions and plugins are scripts`() {
        let github = """
            on: push
            jobs:
              deploy:
                steps:
                  - uses: appleboy/ssh-action@v1
                    with: {host: h, script: docker compose down -v}
                  - uses: actions/github-script@v7
                    with: {script: docker compose down -v}
            """
        #expect(findings([".github/workflows/a.yml": github]) == ["6:33 commands/destroys-volumes"])
        let drone = """
            kind: pipeline
            trigger: {event: push}
            steps:
              - name: deploy
                image: appleboy/drone-ssh
                settings: {script: [docker compose down -v]}
            """
        #expect(findings([".drone.yml": drone]) == ["6:25 commands/destroys-volumes"])
    }

    @Test func `a pull request's code with any right to write`() {
        let text = """
            on: pull_request_target
            permissions: write-all
            jobs:
              a:
                steps:
                  - uses: actions/checkout@v4
                    with: {ref: "${{ github.event.pull_request.head.sha }}"}
              b:
                uses: ./.github/workflows/build.yml
                with: {ref: "${{ github.event.pull_request.head.sha }}"}
                secrets: inherit
              c:
                if: github.event_name == 'push' || github.event.pull_request.head.repo.full_name == github.repository
                steps:
                  - uses: actions/checkout@v4
                    with: {ref: "${{ github.event.pull_request.head.sha }}"}
            """
        #expect(
            findings([".github/workflows/a.yml": text]) == [
                "7:21 secrets/pull-request-head", "10:17 secrets/pull-request-head", "16:21 secrets/pull-request-head",
            ]
        )
    }
}
