"""The files of deploy/, as the programs that take them would read them."""

import os
import re
import subprocess

import yaml

from .policy_verbs import ROOT

DEPLOY = f"{ROOT}/deploy"
PIPELINES = {
    "drone": f"{DEPLOY}/pipelines/drone.yml",
    "github": f"{DEPLOY}/pipelines/github-actions.yml",
    "gitlab": f"{DEPLOY}/pipelines/gitlab-ci.yml",
    "woodpecker": f"{DEPLOY}/pipelines/woodpecker.yml",
}


class OnIsText(yaml.SafeLoader):
    """YAML as GitHub reads it: `on` is a key, not a truth."""


OnIsText.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool" or first not in "oO"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def documents(path):
    with open(path) as file:
        return [document for document in yaml.load_all(file, Loader=OnIsText) if document is not None]


def compose():
    return documents(f"{DEPLOY}/docker-compose.yaml")[0]


def manifests(name):
    return documents(f"{DEPLOY}/kubernetes/{name}")


def manifest(name, kind, own=None):
    found = [one for one in manifests(name) if one["kind"] == kind and own in (None, one["metadata"]["name"])]
    assert len(found) == 1, (kind, own)
    return found[0]


def jobs(system):
    """Scripts of a pipeline with their environments: (variables, script)."""
    pipeline = documents(PIPELINES[system])[0]
    if system == "github":
        return [
            (job["env"] | step.get("env", {}), step["run"])
            for job in pipeline["jobs"].values() for step in job["steps"] if "run" in step
        ]
    if system == "gitlab":
        return [
            (job["variables"], "\n".join(job["script"]))
            for job in pipeline.values() if isinstance(job, dict) and "script" in job
        ]
    return [(step["environment"], "\n".join(step["commands"])) for step in pipeline["steps"]]


def scripts():
    """Every shell script of deploy/, by a name that says where it is from."""
    found = {}
    for folder, _, names in os.walk(DEPLOY):
        for name in names:
            with open(f"{folder}/{name}", errors="replace") as file:
                text = file.read()
            if re.match(r"#!.*\b(ba)?sh\n", text):
                found[os.path.relpath(f"{folder}/{name}", DEPLOY)] = text
    for system in PIPELINES:
        for index, (_, script) in enumerate(jobs(system)):
            found[f"{system}-{index}"] = f"#!/bin/sh\n{script}\n"
    for index, command in enumerate(re.findall(r"^RUN ((?:.*\\\n)*.*)$", dockerfile(), re.M)):
        found[f"dockerfile-{index}"] = f"#!/bin/sh\n{command}\n"
    return found


def dockerfile():
    with open(f"{DEPLOY}/Dockerfile") as file:
        return file.read()


def run(*command, **options):
    return subprocess.run(command, capture_output=True, text=True, timeout=60, **options)
