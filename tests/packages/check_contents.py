#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check_contents.py FOLDER PROGRAM ROOT: what the packages hold.

FOLDER (or $ETWTRAIL_PACKAGES) has what scripts/package makes. Every package has all its files and no
others, the programs tell nothing of the machine they were built on, the archives work where they are
unpacked, and lintian has nothing to say about the .deb.
"""
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile

FOLDER, PROGRAM, ROOT = (pathlib.Path(argument).absolute() for argument in sys.argv[1:])
FOLDER = pathlib.Path(os.environ.get("ETWTRAIL_PACKAGES", FOLDER))
SAMPLES = sorted(path.relative_to(ROOT / "samples").as_posix()
                 for pattern in ("*.etl", "several/*.etl", "README.md")
                 for path in (ROOT / "samples").glob(pattern))
failures = []


def expect(what, found, wanted):
    if found != wanted:
        failures.append(f"{what}: {found!r}, not {wanted!r}")


def expect_files(folder, wanted, samples):
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}
    wanted = set(wanted) | {f"{samples}/{name}" for name in SAMPLES}
    for name in sorted(found ^ wanted):
        failures.append(f"{folder.name}: {'lacks' if name in wanted else 'has, too,'} {name}")
    for name in SAMPLES:
        if f"{samples}/{name}" in found:
            expect(name, (folder / samples / name).read_bytes(), (ROOT / "samples" / name).read_bytes())


def expect_no_places(program):
    """Neither the folder of the sources nor a home is named in a program; it is stripped."""
    data = program.read_bytes()
    for place in {str(ROOT), str(PROGRAM.parent), str(pathlib.Path.home()) + "/"} - {"/"}:
        if place.encode() in data:
            failures.append(f"{program.name} names {place}")
    for section in (b".debug_info\0", b".symtab\0"):
        if section in data:
            failures.append(f"{program.name} is not stripped")


def output_of(*command, **options):
    return subprocess.run(list(map(str, command)), capture_output=True, check=True, **options).stdout


def expect_same_work(command, folder, samples):
    """The unpacked program does what the one that was built does."""
    expect(f"{command}: version", output_of(*command, "--version", cwd=folder).split(),
           output_of(PROGRAM, "--version").split())
    arguments = ("packets", f"{samples}/tcpserver.etl", "--format", "ndjson")
    expect(f"{command}: rows", output_of(*command, *arguments, cwd=folder).replace(b"\r", b""),
           output_of(PROGRAM, *arguments, cwd=folder))


def check_deb(path, work):
    output_of("dpkg-deb", "-R", path, work / "deb")
    documents = "usr/share/doc/etwtrail"
    expect_files(work / "deb", ("DEBIAN/control", "DEBIAN/md5sums", "usr/bin/etwtrail",
                                "usr/share/man/man1/etwtrail.1.gz", f"{documents}/copyright",
                                f"{documents}/changelog.gz",
                                "usr/share/bash-completion/completions/etwtrail",
                                "usr/share/zsh/vendor-completions/_etwtrail"), f"{documents}/samples")
    expect_no_places(work / "deb/usr/bin/etwtrail")
    control = (work / "deb/DEBIAN/control").read_text(encoding="utf-8")
    for library in ("libc6", "libxml2", "zlib1g"):
        if not re.search(rf"^Depends:.*\b{library} ", control, re.MULTILINE):
            failures.append(f"the .deb does not depend on {library}")
    if shutil.which("lintian"):
        done = subprocess.run(["lintian", "--allow-root", path], capture_output=True, text=True,
                              check=False)
        failures.extend(done.stdout.splitlines())
    else:
        print("without lintian")


def check_tar(path, work):
    with tarfile.open(path) as archive:
        archive.extractall(work / "a folder")
    folder = work / "a folder" / path.name.removesuffix(".tar.gz")
    documents = "share/doc/etwtrail"
    expect_files(folder, ("README", "LICENSE", "bin/etwtrail", "share/man/man1/etwtrail.1",
                          f"{documents}/copyright", "share/bash-completion/completions/etwtrail",
                          "share/zsh/site-functions/_etwtrail"), f"{documents}/samples")
    expect_no_places(folder / "bin/etwtrail")
    expect_same_work(["bin/etwtrail"], folder, f"{documents}/samples")


def check_zip(path, work):
    with zipfile.ZipFile(path) as archive:
        archive.extractall(work)
    folder = work / path.stem
    licences = [f"licences/{name}.txt" for name in ("etwtrail", "libxml2", "zlib", "mingw-w64")]
    expect_files(folder, ["etwtrail.exe", "READ-ME.txt", "manual.html", *licences], "samples")
    words = (folder / "READ-ME.txt").read_bytes()
    expect("READ-ME: lines that Windows does not end so", words.count(b"\n") - words.count(b"\r\n"), 0)
    for option in ("--process-blocks", "--completion"):
        if option not in (folder / "manual.html").read_text(encoding="utf-8"):
            failures.append(f"manual.html does not tell of {option}")
    expect_no_places(folder / "etwtrail.exe")
    if shutil.which("wine"):
        os.environ.update(WINEPREFIX=str(work / "wine"), WINEDEBUG="-all", DISPLAY="")
        expect_same_work(["wine", "etwtrail.exe"], folder, "samples")
        subprocess.run(["wineserver", "-k"], check=False)
    else:
        print("without wine")


def main():
    checks = {"_*.deb": check_deb, "-*.tar.gz": check_tar, "-*.zip": check_zip}
    paths = [(sorted(FOLDER.glob(f"etwtrail{pattern}")), check) for pattern, check in checks.items()]
    if not any(found for found, _ in paths):
        print(f"SKIP: no packages in {FOLDER}; scripts/package makes them")
        return 77
    version = output_of(PROGRAM, "--version").decode().split()[1]
    sums = dict(reversed(line.split()) for line in
                (FOLDER / "SHA256SUMS").read_text(encoding="utf-8").splitlines())
    with tempfile.TemporaryDirectory() as work:
        for found, check in paths:
            expect("packages of one kind", len(found), 1)
            for path in found:
                expect(path.name, sums.pop(path.name, None), hashlib.sha256(path.read_bytes()).hexdigest())
                expect("version", re.split(r"[-_]", path.name)[1], version)
                check(path, pathlib.Path(work))
    expect("sums of nothing", sums, {})
    for failure in failures:
        print(failure[:400])
    print(f"{len(SAMPLES)} samples, {len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
