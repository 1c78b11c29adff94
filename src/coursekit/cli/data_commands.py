"""``coursekit data list | check | fetch``: see, check and copy the data of the course."""

from __future__ import annotations

from argparse import Namespace, _SubParsersAction
from pathlib import Path

from tqdm import tqdm

from coursekit.data import CATALOGUE, DatasetSpec, hub_reachable, read_official, spec_of
from coursekit.data.loading import is_kept
from coursekit.data.mirror import check_mirror, mirror_dir, read_mirror, write_mirror


def add_data_parser(commands: _SubParsersAction) -> None:
    """Add the commands."""
    parser = commands.add_parser("data", help="list, check and fetch the course's data")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")

    listing = actions.add_parser("list", help="list the data sets and what load() would read now")
    listing.set_defaults(run=_list)

    text = "Read every file of a mirror; exit code 1 if one is unsound."
    checking = actions.add_parser("check", help="check a mirror", description=text)
    checking.add_argument("names", nargs="*", metavar="NAME", help="data sets (default: all the mirror has)")
    checking.add_argument("--dir", metavar="DIR", help="the mirror (default: COURSEKIT_DATA)")
    checking.set_defaults(run=_check)

    text = "Write a checked mirror that a campus can serve. A data set that is there already is left alone."
    fetching = actions.add_parser("fetch", help="write a mirror", description=text)
    fetching.add_argument("dir", metavar="DIR", help="the mirror to write")
    fetching.add_argument("names", nargs="*", metavar="NAME", help="data sets (default: all on the hub)")
    fetching.add_argument(
        "--from", dest="origin", metavar="DIR", help="copy from this mirror, not from the hub"
    )
    fetching.add_argument("--force", action="store_true", help="write over what is there")
    fetching.set_defaults(run=_fetch)


def _list(options: Namespace) -> int:
    print(f"{'name':12} {'language':9} {'labels':7} {'official rows':20} load() would read")
    for spec in CATALOGUE.values():
        rows = " + ".join(f"{n:,}" for n in spec.rows.values()) or "any"
        print(f"{spec.name:12} {spec.language:9} {len(spec.label_names):<7} {rows:20} {_would_read(spec)}")
    return 0


def _would_read(spec: DatasetSpec) -> str:
    if not spec.rows:
        return "its own texts"
    mirror = mirror_dir()
    if mirror is not None and (mirror / spec.name).is_dir():
        return "the campus mirror"
    if spec.hub and is_kept(spec):
        return "the copy kept from the hub"
    if spec.hub and hub_reachable():
        return f"the hub: {spec.hub}"
    if spec.stand_in:
        return f"the stand-in {spec.stand_in}"
    return f"nothing: {spec.where or 'the hub is out of reach'}"


def _check(options: Namespace) -> int:
    mirror = Path(options.dir).expanduser() if options.dir else mirror_dir()
    if mirror is None:
        raise ValueError("name a mirror with --dir, or set COURSEKIT_DATA.")
    if not mirror.is_dir():
        raise FileNotFoundError(f"no such folder: {mirror}")
    for name in options.names:
        spec_of(name)
    checks = list(check_mirror(mirror, options.names or None))
    if not checks:
        raise LookupError(f"{mirror} holds no data set of the course.")
    for name, error, report in checks:
        lines = [f"✗ {name}: {fault}" for fault in error.splitlines()] if error else [f"✓ {name}: {report}"]
        print("\n".join(lines))
    return int(any(error for _, error, _ in checks))


def _fetch(options: Namespace) -> int:
    target = Path(options.dir).expanduser()
    origin = Path(options.origin).expanduser() if options.origin else None
    if origin is not None and not origin.is_dir():
        raise FileNotFoundError(f"--from must name a folder, got {options.origin!r}.")
    names = options.names or [n for n, s in CATALOGUE.items() if ((origin / n).is_dir() if origin else s.hub)]
    for name in tqdm(names, desc="data sets", disable=None):
        spec = spec_of(name)
        if not options.force and (target / name).is_dir() and next(check_mirror(target, [name]))[1] is None:
            print(f"· {name}: there already and sound")
            continue
        parts = read_mirror(origin, spec) if origin else read_official(name)
        if parts is None:
            raise LookupError(f"{origin} has no folder {name!r}.")
        write_mirror(target, name, parts, force=options.force)
        print(f"✓ {name}: " + ", ".join(f"{part} {len(split):,}" for part, split in parts.items()))
    return 0
