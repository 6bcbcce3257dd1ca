"""Lets httplint, the linter behind REDbot, read one answer of each kind: of each operation, status and set of headers.

The suites keep the answers, as lines of JSON, in the files of a folder whose names end with ".answers". A note of the levels
"bad" and "warning" is a fault, unless it is explained below. An explanation that explains nothing is a fault, too.
"""

import json
import sys
from pathlib import Path
from types import ModuleType


def unknown(*_: object) -> None:
    """Guesses no media type: httplint then believes the header."""
    raise NotImplementedError


# httplint guesses the media type of a body with this package, which is not installed (see requirements.in).
sys.modules["sniffpy"] = ModuleType("sniffpy")
sys.modules["sniffpy"].sniff = unknown  # type: ignore[attr-defined]

from httplint import HttpResponseLinter, levels  # noqa: E402

# A note and the header that it is about, and why the answer is right.
EXPLAINED = {
    ("STATUS_BAD_REQUEST", ""): "A body that cannot be read is such a request.",
    ("HSTS_NO_SUBDOMAINS", "Strict-Transport-Security"): "The example of middleware adds it, and knows no subdomains.",
    ("REQUEST_HDR_IN_RESPONSE", "Accept-Encoding"): "RFC 9110 section 12.5.3 asks for it in a 415.",
}


def answers(folder: Path) -> list[dict]:
    """The first answer of each kind, in the order of operations and statuses."""
    found: dict[tuple, dict] = {}
    for file in sorted(folder.glob("*.answers")):
        # Not splitlines(): a body may have U+0085 or another character that it takes for the end of a line.
        for line in filter(None, file.read_text(encoding="utf-8").split("\n")):
            answer = json.loads(line)
            names = tuple(sorted(name for name, _ in answer["headers"]))
            found.setdefault((answer["operation"], answer["status"], names), answer)
    return [answer for _, answer in sorted(found.items())]


def notes(answer: dict) -> list:
    """What httplint has to say about an answer, with the notes below other notes."""
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
