#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check_imports.py OBJDUMP PROGRAM.exe: the program needs no file but its own and Windows' core."""
import re
import subprocess
import sys

OBJDUMP, PROGRAM = sys.argv[1:]
# Those of every Windows since 7. UCRTBASE and api-ms-win-crt-* would be those of a newer C runtime.
ALLOWED = {"kernel32.dll", "msvcrt.dll", "ws2_32.dll", "bcrypt.dll", "shell32.dll"}
REQUIRED = "kernel32.dll"

listing = subprocess.run([OBJDUMP, "-p", PROGRAM], capture_output=True, check=True, text=True).stdout
imports = {name.lower() for name in re.findall(r"DLL Name: (\S+)", listing)}
if REQUIRED not in imports:
    sys.exit(f"{PROGRAM}: objdump names no imports of Windows: {sorted(imports)}")
if imports - ALLOWED:
    sys.exit(f"{PROGRAM} needs {', '.join(sorted(imports - ALLOWED))}")
print(f"needs {', '.join(sorted(imports))}")
