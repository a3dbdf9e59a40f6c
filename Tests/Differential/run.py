"""The facts of the statements in PostgreSQL's regression suite, against pglast's and against what a server touches.

Usage: run.py [--no-server]. The last line counts: each text and each execution is one.
"""

import argparse
import sys

import grammars
import texts


def main():
    parser = argparse.ArgumentParser(description="Postern's facts against a newer grammar and a server")
    parser.add_argument("--no-server", action="store_true", help="only the grammars")
    parser.parse_args()
    files = texts.suite(fetch=True)
    report = grammars.compare([text for file in files.values() for text in file] + texts.fixtures())
    report.complain_of_unused()
    print(report)
    print(*report.complaints, sep="\n")
    return 1 if report.complaints else 0


if __name__ == "__main__":
    sys.exit(main())
