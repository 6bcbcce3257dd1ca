"""Checks one answer of each kind with httplint, the linter of REDbot. A kind is an operation, a status and a set of headers.

The suites write the answers as lines of JSON to files with the extension ".answers" in one folder. A note with the level "bad" or
"warning" is a fault, unless EXPLAINED contains it. An explanation that no note needs is a fault, too.
"""

import json
import sys
from pathlib import Path
from types import ModuleType


def unknown(*_: object) -> None:
    """Guesses no media type, so httplint uses the one in the header."""
    raise NotImplementedError


# httplint guesses the media type of a body with this package. It is not installed (see requirements.in).
sys.modules["sniffpy"] = ModuleType("sniffpy")
sys.modules["sniffpy"].sniff = unknown  # type: ignore[attr-defined]

from httplint import HttpResponseLinter, levels  # noqa: E402

# A note of httplint, the header that the note is about, and the reason why the answer is right.
EXPLAINED = {
    ("STATUS_BAD_REQUEST", ""): "A body that cannot be read is such a request.",
    ("HSTS_NO_SUBDOMAINS", "Strict-Transport-Security"): "The example of middleware adds it, and knows no subdomains.",
    ("REQUEST_HDR_IN_RESPONSE", "Accept-Encoding"): "RFC 9110 section 12.5.3 asks for it in a 415.",
}


def answers(folder: Path) -> list[dict]:
    """The first answer of each kind, sorted by operation and status."""
    found: dict[tuple, dict] = {}
    for file in sorted(folder.glob("*.answers")):
        # Not splitlines(): it also splits at characters such as U+0085, which a body may contain.
        for line in filter(None, file.read_text(encoding="utf-8").split("\n")):
            answer = json.loads(line)
            names = tuple(sorted(name for name, _ in answer["headers"]))
            found.setdefault((answer["operation"], answer["status"], names), answer)
    return [answer for _, answer in sorted(found.items())]


def notes(answer: dict) -> list:
    """The notes of httplint about an answer, including the notes inside other notes."""
    linter = HttpResponseLinter()
    linter.process_response_topline(b"1.1", str(answer["status"]).encode(), b"")
    octets = [(name.encode(), value.encode("latin-1")) for name, value in answer["headers"]]
    linter.process_headers(octets)
    linter.feed_content(answer["body"].encode("latin-1"))
    linter.finish_content(True)
    return [note for top in linter.notes for note in (top, *top.subnotes)]


def main() -> int:
    found = answers(Path(sys.argv[1]))
    if not found:
        print("httplint: no answer was kept")
        return 1
    faults, used = [], set()
    for answer in found:
        for note in notes(answer):
            if note.level not in (levels.BAD, levels.WARN):
                continue
            kind = (type(note).__name__, str(note.vars.get("field_name", "")))
            if kind in EXPLAINED:
                used.add(kind)
            else:
                where = f"{answer['operation']} {answer['status']}"
                faults.append(f"{where}: {note.level.value}: {' '.join(kind)}: {note.summary}")
    faults += [f"{' '.join(kind)} is explained, and no answer has it" for kind in EXPLAINED if kind not in used]
    for fault in faults:
        print(f"  {fault}")
    print(f"httplint: {len(found)} answers read, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
